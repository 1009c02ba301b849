package import DNS
package import DNSClient
package import Planning
package import Ports

/// Asks every authoritative server of a name's zone, or those that the configuration names, whether a value is there.
package struct AuthoritativeWatcher: PropagationWatcher {
    private let transport: DNSTransport
    let resolver: any Resolver
    private let stated: [ServerAddress]

    /// A watcher; `servers` are asked instead of the zone's own where there are any.
    package init(transport: DNSTransport, resolver: any Resolver, servers: [ServerAddress] = []) {
        self.transport = transport
        self.resolver = resolver
        stated = servers
    }

    /// How long the others are waited for when one lacks the value already: it will have to be asked again anyway, and soon.
    private static let patience = Duration.seconds(1)

    package func look(
        for value: TextData, at name: DomainName, quorum: Int?, isWhole: Bool
    ) async -> PropagationLook {
        let begun = ContinuousClock.now
        var look = PropagationLook(showing: [], lacking: [], silent: [])
        var isLate = false
        for await event in await answers(name) {
            switch event {
            case .answer(let server, .success(let data)) where data.contains(.txt(value)): look.showing.append(server)
            case .answer(let server, .success): look.lacking.append(server)
            case .answer(let server, .failure(let why)): look.silent.append("\(server) (\(why.reason))")
            case .late: isLate = true
            }
            // Nobody waits then for the answer of the dead.
            if let quorum, look.showing.count >= quorum { break }
            if isLate, !isWhole, !look.lacking.isEmpty {
                look.isWhole = false
                break
            }
        }
        look.showing.sort()
        look.lacking.sort()
        look.silent.sort()
        look.spent = Int((ContinuousClock.now - begun) / .milliseconds(1))
        return look
    }

    typealias Answer = Result<[RecordData], ZoneServers.Why>
    private enum Event {
        case answer(String, Answer)
        /// Whoever answers from here on is slow.
        case late
    }

    /// What each server says in the end, the slow and the dead included.
    func everyAnswer(_ name: DomainName) async -> [(String, Answer)] {
        var all: [(String, Answer)] = []
        for await case .answer(let server, let answer) in await answers(name) { all.append((server, answer)) }
        return all
    }

    /// What each server says, as it comes. Questions that are still out when nobody listens any more end by their own deadline.
    private func answers(_ name: DomainName) async -> AsyncStream<Event> {
        let (answers, coming) = AsyncStream.makeStream(of: Event.self)
        var servers: [(String, ServerAddress)] = stated.map { ("\($0)", $0) }
        if servers.isEmpty {
            switch await ZoneServers(resolver: resolver).servers(of: name) {
            case .success(let found): servers = found.map { ("\($0.name) (\($0.address))", $0.address) }
            case .failure(let why): coming.yield(.answer("the zone's name servers", .failure(why)))
            }
        }
        let asked = servers
        let timer = Task {
            try? await Task.sleep(for: Self.patience)
            coming.yield(.late)
        }
        Task {
            await withTaskGroup(of: Void.self) { group in
                for (words, address) in asked {
                    group.addTask { coming.yield(.answer(words, await ask(address, name))) }
                }
            }
            timer.cancel()
            coming.finish()
        }
        return answers
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
