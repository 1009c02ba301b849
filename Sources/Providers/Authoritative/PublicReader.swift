package import DNS
package import DNSClient
package import Planning
package import Ports

/// What everybody can see of a zone, for runs that have no secret of its provider: the primary as far as it answers strangers,
/// else the zone's authoritative servers, if those that answer agree.
package struct PublicReader: DNSReader {
    private let primary: AuthoritativeReader
    private let primaryAddress: ServerAddress
    private let resolver: any Resolver
    private let reader: @Sendable (ServerAddress) -> AuthoritativeReader
    private let onUnseen: @Sendable (ServerAddress) -> Void

    /// A reader; `onUnseen` is told the primary when it does not answer strangers.
    package init(
        transport: DNSTransport, primary: ServerAddress, resolver: any Resolver,
        randomLabel: @escaping @Sendable () -> String, onUnseen: @escaping @Sendable (ServerAddress) -> Void
    ) {
        reader = { AuthoritativeReader(transport: transport, server: $0, key: nil, randomLabel: randomLabel) }
        self.primary = reader(primary)
        primaryAddress = primary
        self.resolver = resolver
        self.onUnseen = onUnseen
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        var found = await primary.read(keys)
        let missing = keys.filter { found[$0]?.unknown != nil }
        guard !missing.isEmpty else { return found }
        onUnseen(primaryAddress)
        for (owner, keys) in Dictionary(grouping: missing, by: \.name) {
            switch await servers(of: owner) {
            case .success(let servers):
                let looks = await look(at: servers, keys)
                for key in keys { found[key] = Self.agreed(key, looks, primary: found[key]?.unknown) }
            case .failure(let why):
                for key in keys { found[key] = found[key]?.unknown.map { .unknown($0.adding(why.reason)) } }
            }
        }
        return found
    }

    private struct Server: Hashable {
        let name: DomainName
        let address: ServerAddress
    }

    private struct Why: Error { let reason: String }

    /// The name servers of the zone that `owner` lies in, each by all its addresses.
    private func servers(of owner: DomainName) async -> Result<Set<Server>, Why> {
        var name: DomainName? = owner
        while let current = name, current != .root {
            switch await resolver.resolve(current, .ns) {
            case .value(let answer) where answer.aliases.isEmpty:
                return await addresses(of: answer.data.compactMap { if case .ns(let host) = $0 { host } else { nil } })
            case .value, .absent: name = current.parent
            case .unknown(let unknown): return .failure(Why(reason: unknown.reason))
            }
        }
        return .failure(Why(reason: "no name server of a zone above \(owner) is known"))
    }

    private func addresses(of hosts: [DomainName]) async -> Result<Set<Server>, Why> {
        var servers: Set<Server> = []
        var failure: String?
        for host in hosts {
            for type in [RecordType.a, .aaaa] {
                switch await resolver.resolve(host, type) {
                case .value(let answer):
                    for address in answer.data.compactMap(\.address) {
                        servers.insert(Server(name: host, address: ServerAddress(address: address)))
                    }
                case .absent: break
                case .unknown(let unknown): failure = unknown.reason
                }
            }
        }
        servers = servers.filter { $0.address != primaryAddress }
        if !servers.isEmpty { return .success(servers) }
        return .failure(Why(reason: failure ?? "the zone's NS records name no other server that could be asked"))
    }

    private typealias Look = (server: Server, seen: [RecordKey: Observation<RecordSet>])

    private func look(at servers: Set<Server>, _ keys: [RecordKey]) async -> [Look] {
        await withTaskGroup(of: Look.self) { group in
            for server in servers { group.addTask { (server, await reader(server.address).read(keys)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// One answer, if all servers that answer give the same.
    private static func agreed(_ key: RecordKey, _ looks: [Look], primary: Unknown?) -> Observation<RecordSet> {
        var answers: [Observation<RecordSet>: [String]] = [:]
        var failures: [String] = []
        for look in looks.sorted(by: {
            ($0.server.name, "\($0.server.address)") < ($1.server.name, "\($1.server.address)")
        }) {
            switch look.seen[key] {
            case .unknown(let unknown)?: failures.append(unknown.reason)
            case let answer?: answers[answer, default: []].append("\(look.server.name) (\(look.server.address))")
            case nil: break
            }
        }
        if let (answer, _) = answers.first, answers.count == 1 { return answer }
        let detail =
            answers.isEmpty
            ? failures.joined(separator: "; ")
            : "the zone's name servers don't agree: "
                + answers.map { "\($1.joined(separator: ", ")): \(words($0))" }.sorted().joined(separator: "; ")
                + "; one of them lags behind"
        return .unknown((primary ?? Unknown("the primary was not asked")).adding(detail))
    }

    private static func words(_ answer: Observation<RecordSet>) -> String {
        answer.value?.data.map(\.description).joined(separator: ", ") ?? "nothing"
    }
}

extension Unknown {
    /// The same, with what was tried besides.
    fileprivate func adding(_ reason: String) -> Unknown { Unknown("\(self.reason); \(reason)", passing: passing) }
}
