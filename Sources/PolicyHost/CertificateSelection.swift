import DNS
import Findings
import Logging
import MTASTS
import NIOCore
import NIOSSL
import Planning
import Ports

/// Finds the certificate that a handshake asks for by SNI (RFC 8461 §7.1; STS-20: none fits, no handshake).
///
/// One TLS context a name, not one for all with the certificate put in later: a context has session keys of its own, so that a
/// session resumes for the name that it was made for and no other, and ends with its certificate.
struct CertificateSelection: Sendable {
    private struct Known {
        let context: NIOSSLContext
        let facts: CertificateFacts
    }
    private let keys: any MaterialReader
    private let cache: FreshCache<DomainName, Known>
    private let issuers = IssuerCertificates()
    private let failures: RepeatedFailures

    init(keys: any MaterialReader, moments: StoreMoments, limits: PolicyServer.Limits, logger: Logger) {
        self.keys = keys
        cache = FreshCache(limit: limits.cachedNames, moments: moments)
        failures = RepeatedFailures(logger: logger, what: "certificates")
    }

    /// TLS with the certificate of `host` if it is in memory and may be used without asking the store.
    func known(_ host: DomainName) -> NIOSSLContext? { cache.known(host)?.context }

    /// TLS with the certificate of `host`; `nil` only when the store positively has none.
    func context(for host: DomainName) async throws(Failure) -> NIOSSLContext? {
        try await failures.watch { () throws(Failure) in
            try await cache.value(for: host) { old throws(Failure) in
                // Something was stored, mostly for others: an unchanged certificate keeps its context and its sessions.
                if let old, try await keys.certificate(for: host) == old.facts { return old }
                guard let material = try await keys.material(for: host) else { return nil }
                return Known(context: try context(material), facts: material.facts)
            }?.context
        }
    }

    private func context(_ material: CertificateMaterial) throws(Failure) -> NIOSSLContext {
        do {
            let chain = issuers.shared(try NIOSSLCertificate.fromPEMBytes(Array(material.chain.utf8)))
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
