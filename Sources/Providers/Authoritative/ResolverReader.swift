package import DNS
package import Planning
package import Ports

/// What resolvers answer for a zone's own names: for plans that have no secret and reach no name server.
///
/// A cache says nothing of a record set's own TTL, so what stands as it was applied is given with the TTL that it was applied with. Nor does it tell what a
/// wildcard made.
package struct ResolverReader: DNSReader {
    private let resolver: any Resolver
    private let applied: [RecordSet]

    /// A reader; `applied` is what the ledger says that stands there.
    package init(_ resolver: any Resolver, applied: [RecordSet]) {
        self.resolver = resolver
        self.applied = applied
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        await withTaskGroup(of: (RecordKey, Observation<RecordSet>).self) { group in
            for key in keys { group.addTask { (key, await look(at: key)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func look(at key: RecordKey) async -> Observation<RecordSet> {
        switch await resolver.resolve(key.name, key.type) {
        case .unknown(let unknown): return .unknown(unknown)
        case .absent(let absence): return .absent(absence)
        case .value(let resolution):
            // At an alias stands nothing but the alias.
            if key.type != .cname, !resolution.aliases.isEmpty { return .absent(.plain) }
            if let known = applied.first(where: { $0.key == key }), Set(known.data) == Set(resolution.data) {
                return .value(known)
            }
            return RecordSet(key: key, ttl: resolution.ttl, data: resolution.data).map { .value($0) } ?? .absent(.plain)
        }
    }
}
