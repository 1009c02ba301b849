package import DNS
package import Planning
package import Ports

/// Asks recursive (or authoritative) servers in order, as a mail server's resolver does.
package struct StubResolver: Resolver {
    private let transport: DNSTransport
    private let servers: [ServerAddress]

    /// A resolver over these servers; the first that gives a usable answer is believed.
    package init(transport: DNSTransport, servers: [ServerAddress]) {
        self.transport = transport
        self.servers = servers
    }

    package func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
        var aliases: [DomainName] = []
        var current = name
        var ttl = UInt32.max
        // A chain longer than eight is a circle or a mistake; resolvers give up about there, too.
        while aliases.count <= 8 {
            let answer: Message
            switch await ask(Message.Question(current, type)) {
            case .success(let message): answer = message
            case .failure(let unknown): return .unknown(Unknown("\(name) \(type): \(unknown)"))
            }
            var chain = AnswerChain(answer, from: current, type: type)
            chain.follow()
            aliases += chain.aliases
            ttl = min(ttl, chain.ttl)
            if !chain.data.isEmpty { return .value(Resolution(aliases: aliases, data: chain.data, ttl: ttl)) }
            // A circle, or a chain that the server gave up on, ends nowhere: it proves neither data nor their absence.
            if chain.isEndless { break }
            // No data where the answer's chain ends in the asked zone, or where an SOA says so (RFC 2308 §2.2): absence is
            // proven. A chain that leaves the zone, or was cut, goes on.
            let isProven = answer.flags.recursionAvailable && answer.authorities.contains { $0.type == .soa }
            if chain.aliases.isEmpty || answer.flags.rcode == .nxDomain || isProven {
                return .absent(.plain)
            }
            current = chain.end
        }
        return .unknown(
            Unknown("\(name) \(type): more than eight CNAMEs in a row, or a circle of them", passing: false))
    }

    private enum Asked {
        case success(Message)
        case failure(String)
    }

    private func ask(_ question: Message.Question) async -> Asked {
        var failures: [String] = []
        for server in servers {
            do throws(DNSClientError) {
                let message = try await transport.query(question, at: server, recursionDesired: true)
                if let refusal = Self.refusal(message) {
                    failures.append("\(server): \(refusal)")
                } else {
                    return .success(message)
                }
            } catch {
                failures.append("\(server): \(error)")
            }
        }
        return .failure(
            servers.isEmpty ? "no resolver is configured ('observe: resolvers')" : failures.joined(separator: "; "))
    }

    /// Why an answer says nothing about the name.
    private static func refusal(_ message: Message) -> String? {
        guard message.flags.rcode == .noError || message.flags.rcode == .nxDomain else {
            return "it answered \(message.flags.rcode)"
        }
        if message.flags.recursionAvailable || message.flags.isAuthoritative { return nil }
        return "it is neither a resolver nor authoritative for the name"
    }
}

/// Follows the CNAMEs of one answer.
struct AnswerChain {
    private let answers: [ResourceRecord]
    private let type: RecordType
    private(set) var aliases: [DomainName] = []
    private(set) var data: [RecordData] = []
    private(set) var ttl = UInt32.max
    private(set) var end: DomainName
    /// Whether the CNAMEs lead back to one of them, or on and on.
    private(set) var isEndless = false

    init(_ message: Message, from name: DomainName, type: RecordType) {
        answers = message.answers.compactMap(\.record)
        self.type = type
        end = name
    }

    mutating func follow() {
        for _ in 0...8 {
            let here = answers.filter { $0.name == end }
            data = here.map(\.data).filter { $0.type == type }
            ttl = min(ttl, here.map(\.ttl).min() ?? ttl)
            if !data.isEmpty { return }
            guard
                let target = here.lazy.compactMap({ if case .cname(let target) = $0.data { target } else { nil } })
                    .first
            else {
                return
            }
            aliases.append(end)
            end = target
            if aliases.contains(target) { break }
        }
        isEndless = true
    }
}
