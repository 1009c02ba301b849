import DNS
import DNSClient
import Synchronization

/// Asks one server. Openly first; where it refuses strangers and we have a key, signed from then on.
final class Asking: Sendable {
    let server: ServerAddress
    private let transport: DNSTransport
    private let key: TSIGKey?
    private let wantsKey = Atomic<Bool>(false)

    init(transport: DNSTransport, server: ServerAddress, key: TSIGKey?) {
        self.transport = transport
        self.server = server
        self.key = key
    }

    func ask(_ question: Message.Question) async throws(DNSClientError) -> Message {
        if let key, wantsKey.load(ordering: .relaxed) {
            return try await transport.query(question, at: server, key: key)
        }
        let message = try await transport.query(question, at: server)
        guard message.flags.rcode == .refused, let key else { return message }
        wantsKey.store(true, ordering: .relaxed)
        return try await transport.query(question, at: server, key: key)
    }

    /// The whole zone (RFC 5936).
    func transfer(_ zone: DomainName) async throws(DNSClientError) -> [ResourceRecord] {
        try await transport.transfer(zone, at: server, key: key)
    }
}
