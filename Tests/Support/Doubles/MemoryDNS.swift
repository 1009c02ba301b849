package import DNS
package import Planning
package import Ports
import Synchronization

/// A zone in memory with the port's compare-and-set, and a resolver over the same records.
package final class MemoryDNS: DNSWriter, Resolver {
    private struct State {
        var sets: [RecordKey: RecordSet] = [:]
        var unknown: Set<RecordKey> = []
    }
    private let state = Mutex(State())
    private let faults: FaultPlan

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

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        state.withLock { state in
            Dictionary(
                keys.map { key in
                    if state.unknown.contains(key) { return (key, .unknown(Unknown("the test hides \(key)"))) }
                    return (key, state.sets[key].map { .value($0) } ?? .absent(.plain))
                }
            ) { first, _ in first }
        }
    }

    package func write(_ change: RecordChange) async throws(Failure) {
        try faults.run("write \(change.owner)") { () throws(Failure) in
            let isDone = state.withLock { state -> Bool in
                let here = Set(state.sets.values.filter { $0.key.name == change.owner })
                guard here == Set(change.expecting) else { return here == Set(change.writing) }
                for set in change.expecting { state.sets[set.key] = nil }
                for set in change.writing { state.sets[set.key] = set }
                return true
            }
            if !isDone { throw Failure(.conflict, "what stands at \(change.owner) is not what the plan saw") }
        }
    }

    package func describe(_ change: RecordChange) async -> [String] { change.writing.flatMap(\.lines) }

    package func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
        let key = RecordKey(name: name, type: type)
        return state.withLock { state in
            if state.unknown.contains(key) { return .unknown(Unknown("the test hides \(key)")) }
            return state.sets[key].map { .value(Resolution(aliases: [], data: $0.data, ttl: $0.ttl)) }
                ?? .absent(.plain)
        }
    }
}
