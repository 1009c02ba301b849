import NIOSSL
import Synchronization

/// Keeps one copy of each issuer's certificate: ten thousand chains of one CA end in the same few.
final class IssuerCertificates: Sendable {
    private let known = Mutex<Set<NIOSSLCertificate>>([])

    /// A CA has a handful in use; over this all are forgotten, and contexts made so far keep theirs.
    private static let limit = 64

    /// The same chain, with copies that are known already behind the leaf.
    func shared(_ chain: [NIOSSLCertificate]) -> [NIOSSLCertificate] {
        guard let leaf = chain.first else { return [] }
        return known.withLock { known in
            if known.count > Self.limit { known.removeAll() }
            return [leaf] + chain.dropFirst().map { known.insert($0).memberAfterInsert }
        }
    }
}
