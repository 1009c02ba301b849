package import DNS
package import Planning
package import Ports
import Synchronization

/// A zone in memory with the port's compare-and-set, and a resolver over the same records.
package final class MemoryDNS: DNSWriter, Resolver {
    private struct State {
        var sets: [RecordKey: RecordSet] = [:]
        var unknown: Set<RecordKey> = []
        var storing: @Sendable (RecordSet) -> RecordSet = { $0 }

        func observation(of key: RecordKey) -> Observation<RecordSet> {
            if unknown.contains(key) { return .unknown(Unknown("the test hides \(key)")) }
            if isDelegated(key.name) { return .unknown(Unknown("\(key.name) is delegated", passing: false)) }
            if let set = sets[key] { return .value(set) }
            return wildcard(key).map { .absent(.coveredByWildcard($0.data.map(\.description))) } ?? .absent(.plain)
        }

        /// An NS set below the apex, which the SOA marks, cuts the zone.
        func isDelegated(_ name: DomainName) -> Bool {
            sets.keys.contains { key in
                key.type == .ns && name.isSame(orBelow: key.name)
                    && sets[RecordKey(name: key.name, type: .soa)] == nil
            }
        }

        /// RFC 4592: the wildcard below the closest name that exists, if `key`'s own name does not.
        private func wildcard(_ key: RecordKey) -> RecordSet? {
            guard sets.keys.contains(where: { $0.name.isWildcard }) else { return nil }
            var name: DomainName? = key.name
            while let current = name, !sets.keys.contains(where: { $0.name.isSame(orBelow: current) }) {
                name = current.parent
            }
            guard let name, name != key.name, let wildcard = try? name.prepending("*") else { return nil }
            return sets[RecordKey(name: wildcard, type: key.type)]
        }

        /// Compare-and-set; `false` where what stands there is not what was expected.
        mutating func apply(_ change: RecordChange) -> Bool {
            let looked = Set((change.expecting + change.writing).map(\.key.type) + change.absent)
            let here = Set(sets.values.filter { $0.key.name == change.owner && looked.contains($0.key.type) })
            guard here == Set(change.expecting) else { return here == Set(change.writing.map(storing)) }
            for set in change.expecting { sets[set.key] = nil }
            for set in change.writing { sets[set.key] = storing(set) }
            return true
        }
    }
    private let state = Mutex(State())
    private let faults: FaultPlan

    /// From now on whatever is written is stored in another form, as some providers do.
    package func alter(_ storing: @escaping @Sendable (RecordSet) -> RecordSet) {
        state.withLock { $0.storing = storing }
    }

    /// An empty zone.
    package init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Every record set.
    package var sets: [RecordKey: RecordSet] { state.withLock(\.sets) }

    /// Puts a record set there as somebody outside would.
    package func edit(_ set: RecordSet) { state.withLock { $0.sets[set.key] = set } }

    /// Takes one away as somebody outside would.
    package func remove(_ key: RecordKey) { state.withLock { _ = $0.sets.removeValue(forKey: key) } }

    /// Makes a key unanswerable, or answerable again.
    package func setUnknown(_ key: RecordKey, _ isUnknown: Bool = true) {
        state.withLock { state in
            if isUnknown { state.unknown.insert(key) } else { state.unknown.remove(key) }
        }
    }

    package func normalForm(of set: RecordSet) -> RecordSet { state.withLock(\.storing)(set) }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        state.withLock { state in
            Dictionary(keys.map { ($0, state.observation(of: $0)) }) { first, _ in first }
        }
    }

    package func write(_ change: RecordChange) async throws(Failure) {
        try faults.run("write \(change.owner)") { () throws(Failure) in
            if state.withLock({ $0.isDelegated(change.owner) }) {
                throw Failure(.rejected, "\(change.owner) is delegated")
            }
            if !state.withLock({ $0.apply(change) }) {
                throw Failure(.conflict, "what stands at \(change.owner) is not what the plan saw")
            }
        }
    }

    package func describe(_ change: RecordChange) async -> [String] { change.writing.flatMap(\.lines) }

    package func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
        state.withLock { state in
            var key = RecordKey(name: name, type: type)
            var aliases: [DomainName] = []
            while aliases.count < 8 {
                if state.unknown.contains(key) { return .unknown(Unknown("the test hides \(key)")) }
                if let set = state.sets[key] {
                    return .value(Resolution(aliases: aliases, data: set.data, ttl: set.ttl))
                }
                guard case .cname(let target)? = state.sets[RecordKey(name: key.name, type: .cname)]?.data.first else {
                    return .absent(.plain)
                }
                aliases.append(key.name)
                key = RecordKey(name: target, type: type)
            }
            return .unknown(Unknown("\(name) is an alias of itself"))
        }
    }
}
