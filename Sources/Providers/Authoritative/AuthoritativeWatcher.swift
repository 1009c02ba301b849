package import DNS
package import DNSClient
package import Planning
package import Ports

/// Asks every authoritative server of a name's zone, or those that the configuration names, whether a value is there.
package struct AuthoritativeWatcher: PropagationWatcher {
    private let transport: DNSTransport
    private let resolver: any Resolver
    private let stated: [ServerAddress]

    /// A watcher; `servers` are asked instead of the zone's own where there are any.
    package init(transport: DNSTransport, resolver: any Resolver, servers: [ServerAddress] = []) {
        self.transport = transport
        self.resolver = resolver
        stated = servers
    }

    package func look(for value: TextData, at name: DomainName) async -> PropagationLook {
        var look = PropagationLook(showing: [], lacking: [], silent: [])
        for (server, answer) in await answers(name) {
            switch answer {
            case .success(let data) where data.contains(.txt(value)): look.showing.append(server)
            case .success: look.lacking.append(server)
            case .failure(let why): look.silent.append("\(server) (\(why.reason))")
            }
        }
        look.showing.sort()
        look.lacking.sort()
        look.silent.sort()
        return look
    }

    private typealias Answer = Result<[RecordData], ZoneServers.Why>

    private func answers(_ name: DomainName) async -> [(String, Answer)] {
        var servers: [(String, ServerAddress)] = stated.map { ("\($0)", $0) }
        if servers.isEmpty {
            switch await ZoneServers(resolver: resolver).servers(of: name) {
            case .success(let found): servers = found.map { ("\($0.name) (\($0.address))", $0.address) }
            case .failure(let why): return [("the zone's name servers", .failure(why))]
            }
        }
        return await withTaskGroup(of: (String, Answer).self) { group in
            for (words, address) in servers { group.addTask { (words, await ask(address, name)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func ask(_ server: ServerAddress, _ name: DomainName) async -> Answer {
        let question = Message.Question(name, .txt)
        do throws(DNSClientError) {
            let message = try await Asking(transport: transport, server: server, key: nil).ask(question)
            switch AuthoritativeAnswer(message, key: RecordKey(name: name, type: .txt)) {
            case .set(let set): return .success(set.data)
            case .absent: return .success([])
            case .unusable(let reason): return .failure(ZoneServers.Why(reason: "it \(reason)"))
            }
        } catch {
            return .failure(ZoneServers.Why(reason: "\(error)"))
        }
    }
}
