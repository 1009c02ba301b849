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
        let message: Message
        do throws(DNSClientError) {
            message = try await asking.ask(Message.Question(owner, .soa))
        } catch {
            throw ClientFailure.read(error, server: asking.server)
        }
        // The SOA comes as the answer at an apex, else in the authority section of the negative answer (RFC 2308 §3).
        let soa = (message.answers + message.authorities).first { $0.type == .soa && owner.isSame(orBelow: $0.name) }
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
