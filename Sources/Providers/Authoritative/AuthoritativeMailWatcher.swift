package import DNS
package import DNSClient
package import Planning
package import Ports

/// Asks the servers that the zone's NS records name, or those that the configuration names, for its MX records, all at once.
package struct AuthoritativeMailWatcher: MailHostWatcher {
    private let transport: DNSTransport
    private let resolver: any Resolver
    private let stated: [ServerAddress]

    /// A watcher; `servers` are asked instead of the zone's own where there are any.
    package init(transport: DNSTransport, resolver: any Resolver, servers: [ServerAddress] = []) {
        self.transport = transport
        self.resolver = resolver
        stated = servers
    }

    package func mailHosts(of zone: DomainName) async -> [MailHostWord] {
        var servers = stated.map { ("\($0)", $0) }
        if servers.isEmpty {
            guard case .success(let found) = await ZoneServers(resolver: resolver).servers(of: zone) else { return [] }
            servers = found.map { ("\($0.name) (\($0.address))", $0.address) }
        }
        return await withTaskGroup(of: MailHostWord?.self) { group in
            for (words, address) in servers {
                group.addTask { await word(of: words, on: zone, at: address) }
            }
            var words: [MailHostWord] = []
            for await word in group { if let word { words.append(word) } }
            return words.sorted { $0.server < $1.server }
        }
    }

    private func word(of name: String, on zone: DomainName, at server: ServerAddress) async -> MailHostWord? {
        guard
            let message = try? await Asking(transport: transport, server: server, key: nil).ask(
                Message.Question(zone, .mx))
        else { return nil }
        switch AuthoritativeAnswer(message, key: RecordKey(name: zone, type: .mx)) {
        case .set(let set):
            let hosts = set.data.compactMap { if case .mx(let mx) = $0 { mx.exchange } else { nil } }
            return MailHostWord(server: name, hosts: Set(hosts), ttl: set.ttl)
        case .absent: return MailHostWord(server: name, hosts: [])
        case .unusable: return nil
        }
    }
}
