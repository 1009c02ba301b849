package import DNS
package import Findings
package import Planning

/// What a policy host has been given to serve. What senders see of it is ``Probe``'s question.
///
/// Contract: `nil` only when the host positively has none; throws when that can't be told.
package protocol PolicyReader: Sendable {
    /// The policy that the host holds for `zone`.
    func policy(for zone: DomainName) async throws(Failure) -> PublishedBody?
}

/// Gives policies to a policy host.
///
/// Contract: durable before it returns; atomic (a reader sees the old body or the new one); idempotent.
package protocol PolicyWriter: PolicyReader {
    /// Makes `body` the zone's policy, at once.
    func put(_ body: PublishedBody, for zone: DomainName) async throws(Failure)
    /// Takes the zone's policy away; no error when there is none.
    func remove(for zone: DomainName) async throws(Failure)
}

/// What a web server of others, which can't read our store, has been given to show for a host.
///
/// Contract: `nil` only when there positively is no certificate, or none with a key; throws when that can't be told, also
/// where the server may not have taken over what lies there.
package protocol DeliveryReader: Sendable {
    /// The certificate that lies there for `host`, and what is wrong with the key beside it.
    func delivered(for host: DomainName) async throws(Failure) -> DeliveredCertificate?
}

/// Gives certificates with their keys to a web server of others.
///
/// Contract: durable before it returns; each file is replaced at once, the chain last, so that a chain that lies there has its
/// key; idempotent.
package protocol DeliveryWriter: DeliveryReader {
    /// Makes `material` what the server shows for `host`.
    func deliver(_ material: CertificateMaterial, for host: DomainName) async throws(Failure)
    /// Takes the host's certificate and key away; no error when there are none.
    func takeBack(from host: DomainName) async throws(Failure)
}

/// Looks at a policy host as a sender does (RFC 8461 §3.3): DNS for its addresses is the caller's.
///
/// Contract: one GET without redirects, SNI and Host are `mta-sts.<zone>`, at most 64 KiB, whole answer within the deadline.
/// Never throws: a refused connection, a bad certificate or a status are observations.
package protocol Probe: Sendable {
    /// One look at one address; `nil` where the configuration says where to connect instead.
    func policy(of zone: DomainName, at address: IPAddress?) async -> PolicyLook
}

/// Reads what is known of the certificates held for policy hosts; never a key.
package protocol CertificateReader: Sendable {
    /// The newest certificate held for `host`; `nil` only when there positively is none.
    func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts?
}

/// Reads certificates with their keys, for the TLS server.
package protocol MaterialReader: CertificateReader {
    /// The newest chain and key for `host`; `nil` only when there positively is none.
    func material(for host: DomainName) async throws(Failure) -> CertificateMaterial?
}

/// Keeps certificates with their keys.
///
/// Contract: durable before a call returns, readable by the owner alone, atomic: chain and key always belong together.
package protocol KeyStore: MaterialReader {
    /// The newest chain for `host` as PEM, leaf first; `nil` only when there positively is none.
    func chain(for host: DomainName) async throws(Failure) -> String?
    /// Makes `material` the newest for `host`.
    func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure)
    /// Forgets the certificate of `host`, and its key unless another host's certificate has it too; no error when there is none.
    func remove(certificateOf host: DomainName) async throws(Failure)
    /// Keeps a key that has no certificate yet, one a host.
    func storePending(_ key: Redacted<String>, for host: DomainName) async throws(Failure)
    /// The key kept for `host`; `nil` only when there positively is none.
    func pendingKey(for host: DomainName) async throws(Failure) -> Redacted<String>?
    /// Forgets it; no error when there is none.
    func dropPending(for host: DomainName) async throws(Failure)
}

/// A certificate chain with its private key.
package struct CertificateMaterial: Sendable {
    /// PEM, leaf first.
    package let chain: String
    /// PEM (PKCS #8) of the leaf's key.
    package let key: Redacted<String>
    /// What plans may know of the leaf.
    package let facts: CertificateFacts

    /// A chain with its key.
    package init(chain: String, key: Redacted<String>, facts: CertificateFacts) {
        self.chain = chain
        self.key = key
        self.facts = facts
    }
}
