import DNS
import Findings
import Logging
import MTASTS
import NIOCore
import NIOSSL
import Planning
import Ports

/// Finds the certificate that a handshake asks for by SNI (RFC 8461 §7.1; STS-20: none fits, no handshake).
struct CertificateSelection: Sendable {
    private let keys: any MaterialReader
    private let cache: FreshCache<DomainName, NIOSSLContext>
    private let failures: RepeatedFailures

    init(keys: any MaterialReader, limits: PolicyServer.Limits, logger: Logger) {
        self.keys = keys
        cache = FreshCache(limit: limits.cachedNames, seconds: limits.freshness)
        failures = RepeatedFailures(logger: logger, what: "certificates can't be read")
    }

    /// TLS with the certificate of `host`; `nil` only when the store positively has none.
    func context(for host: DomainName) async throws -> NIOSSLContext? {
        try await cache.value(for: host) {
            do throws(Failure) {
                guard let material = try await keys.material(for: host) else { return nil }
                return try Self.context(material)
            } catch {
                failures.record(error)
                throw error
            }
        }
    }

    private static func context(_ material: CertificateMaterial) throws(Failure) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(material.chain.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(material.key.reveal().utf8), format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            // RFC 8461 §7.2.
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            tls.shutdownTimeout = .seconds(1)
            return try NIOSSLContext(configuration: tls)
        } catch {
            throw Failure(
                .storage, "the certificate \(material.facts.fingerprint) or its key is damaged; issue it again")
        }
    }
}
