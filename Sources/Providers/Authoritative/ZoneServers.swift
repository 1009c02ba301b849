import DNS
import DNSClient
import Planning
import Ports

/// Finds the name servers of the zone that a name lies in, each by all its addresses, as everybody can.
struct ZoneServers: Sendable {
    let resolver: any Resolver

    /// A name server at one of its addresses.
    struct Server: Hashable {
        let name: DomainName
        let address: ServerAddress
    }

    /// Why none is known.
    struct Why: Error { let reason: String }

    func servers(of owner: DomainName, but one: ServerAddress? = nil) async -> Result<Set<Server>, Why> {
        var name: DomainName? = owner
        while let current = name, current != .root {
            switch await resolver.resolve(current, .ns) {
            case .value(let answer) where answer.aliases.isEmpty:
                let hosts = answer.data.compactMap { if case .ns(let host) = $0 { host } else { nil } }
                return await addresses(of: hosts, but: one)
            case .value, .absent: name = current.parent
            case .unknown(let unknown): return .failure(Why(reason: unknown.reason))
            }
        }
        return .failure(Why(reason: "no name server of a zone above \(owner) is known"))
    }

    private func addresses(of hosts: [DomainName], but one: ServerAddress?) async -> Result<Set<Server>, Why> {
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
        servers = servers.filter { $0.address != one }
        if !servers.isEmpty { return .success(servers) }
        return .failure(Why(reason: failure ?? "the zone's NS records name no other server that could be asked"))
    }
}
