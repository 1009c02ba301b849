import DNS
package import DNSClient
import Synchronization

/// Readers of authoritative servers that answer strangers, one a server: what one look learnt of a server's wildcards, the next one
/// knows.
package final class AuthoritativeReaders: Sendable {
    private let transport: DNSTransport
    private let randomLabel: @Sendable () -> String
    private let made = Mutex<[ServerAddress: AuthoritativeReader]>([:])

    /// No reader yet. `randomLabel` gives names that nobody has, for telling wildcards.
    package init(transport: DNSTransport, randomLabel: @escaping @Sendable () -> String) {
        self.transport = transport
        self.randomLabel = randomLabel
    }

    func reader(of server: ServerAddress) -> AuthoritativeReader {
        made.withLock { made in
            if let reader = made[server] { return reader }
            let reader = AuthoritativeReader(
                transport: transport, server: server, key: nil, randomLabel: randomLabel)
            made[server] = reader
            return reader
        }
    }
}
