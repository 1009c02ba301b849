package import DNS
package import DNSClient
package import Planning
import Ports

/// What one authoritative server says, asked by pipelined queries without recursion.
package struct AuthoritativeReader: DNSReader {
    private let asking: Asking
    private let wildcards: WildcardProbe

    init(_ asking: Asking, randomLabel: @escaping @Sendable () -> String) {
        self.asking = asking
        wildcards = WildcardProbe(asking, randomLabel: randomLabel)
    }

    /// A reader of `server`. `randomLabel` gives names that nobody has, for telling wildcards.
    package init(
        transport: DNSTransport, server: ServerAddress, key: TSIGKey?, randomLabel: @escaping @Sendable () -> String
    ) {
        self.init(Asking(transport: transport, server: server, key: key), randomLabel: randomLabel)
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        await withTaskGroup(of: [RecordKey: Observation<RecordSet>].self) { group in
            for (owner, types) in Dictionary(grouping: keys, by: \.name) {
                group.addTask { await read(owner, types.map(\.type), tellsWildcards: true) }
            }
            var found: [RecordKey: Observation<RecordSet>] = [:]
            for await part in group { found.merge(part) { first, _ in first } }
            return found
        }
    }

    /// One owner's types. A CNAME is asked for only alone: every other answer would show it (RFC 1034 §3.6.2).
    func read(
        _ owner: DomainName, _ types: [RecordType], tellsWildcards: Bool
    ) async -> [RecordKey: Observation<RecordSet>] {
        let asked = types.count > 1 ? types.filter { $0 != .cname } : types
        var found: [RecordKey: Observation<RecordSet>] = [:]
        let alias = RecordKey(name: owner, type: .cname)
        let looks = await withTaskGroup(of: (RecordKey, AuthoritativeAnswer?, Unknown?).self) { group in
            for type in asked { group.addTask { await ask(RecordKey(name: owner, type: type)) } }
            var looks: [(RecordKey, AuthoritativeAnswer?, Unknown?)] = []
            for await look in group { looks.append(look) }
            return looks
        }
        for (key, answer, unknown) in looks {
            switch answer {
            case nil: found[key] = .unknown(unknown ?? .notAsked)
            case .unusable(let reason)?:
                found[key] = .unknown(Unknown("the name server \(asking.server) \(reason)", passing: false))
            case .absent?: found[key] = .absent(.plain)
            case .set(let set)?: found[set.key] = tellsWildcards ? await judge(set) : .value(set)
            }
        }
        for type in types where found[RecordKey(name: owner, type: type)] == nil {
            let key = RecordKey(name: owner, type: type)
            // Nothing of this type came: the alias stands instead, or the other types' answers prove that there is none.
            let failed = found.first { $0.key != alias && $0.value.unknown != nil }?.value.unknown
            found[key] = failed.map { .unknown($0) } ?? .absent(.plain)
        }
        return found
    }

    private func ask(_ key: RecordKey) async -> (RecordKey, AuthoritativeAnswer?, Unknown?) {
        do throws(DNSClientError) {
            let message = try await asking.ask(Message.Question(key.name, key.type))
            return (key, AuthoritativeAnswer(message, key: key), nil)
        } catch {
            return (key, nil, Unknown(ClientFailure.read(error, server: asking.server).detail))
        }
    }

    /// What was learnt of wildcards counts no longer where a record set of `name` came or went.
    func forget(around name: DomainName) { wildcards.forget(around: name) }

    /// A set that was answered: its own, or a wildcard's.
    func judge(_ set: RecordSet) async -> Observation<RecordSet> {
        // NS records that are answered with authority are an apex's, which no wildcard covers; above it begins another server's zone.
        guard !set.key.name.isWildcard, set.key.type != .ns else { return .value(set) }
        switch await wildcards.judge(set) {
        case .covered: return .absent(.coveredByWildcard(set.data.map(\.description)))
        case .own: return .value(set)
        case .unknown(let reason, let passing):
            return .unknown(Unknown("whether a wildcard covers \(set.key): \(reason)", passing: passing))
        }
    }
}
