import DNS
import DNSClient
import Ports
import Synchronization

/// Finds the DNS zone that an owner name lies in: the closest SOA above it (DNS-2). Remembers answers for one run.
final class ZoneCuts: Sendable {
    private let asking: Asking
    private let known = Mutex<[DomainName: DomainName]>([:])

    init(_ asking: Asking) { self.asking = asking }

    func zone(of owner: DomainName) async throws(Failure) -> DomainName {
        if let zone = known.withLock({ $0[owner] }) { return zone }
        var name = owner
        while true {
            let message: Message
            do throws(DNSClientError) {
                message = try await asking.ask(Message.Question(name, .soa))
            } catch {
                throw ClientFailure.read(error, server: asking.server)
            }
            // An alias is answered with what lies behind it, perhaps in another zone: no word on the zone of the alias itself.
            // It can't stand at an apex (RFC 1034 §3.6.2), so its zone is its parent's.
            if message.flags.isAuthoritative, Self.isAlias(name, in: message), let parent = name.parent {
                name = parent
                continue
            }
            // The SOA comes as the answer at an apex, else in the authority section of the negative answer (RFC 2308 §3).
            let soa = (message.answers + message.authorities).first { $0.type == .soa && name.isSame(orBelow: $0.name) }
            guard message.flags.isAuthoritative, let soa else {
                throw Failure(
                    .configuration,
                    "the name server \(asking.server) holds no zone for \(owner) (\(message.flags.rcode)); is the right provider named under 'dns'?"
                )
            }
            known.withLock { $0[owner] = soa.name }
            return soa.name
        }
    }

    /// Whether the answer goes through a CNAME at `name` or a DNAME above it (RFC 6672 §3.1).
    private static func isAlias(_ name: DomainName, in message: Message) -> Bool {
        message.answers.contains { record in
            record.type == .cname && record.name == name
                || record.type == .dname && record.name != name && name.isSame(orBelow: record.name)
        }
    }
}
