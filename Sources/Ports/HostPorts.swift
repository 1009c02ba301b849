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

/// Keeps certificates with their keys.
///
/// Contract: durable before `store` returns, readable by the owner alone, atomic: chain and key always belong together.
package protocol KeyStore: CertificateReader {
    /// The newest chain and key for `host`, for the TLS server; `nil` only when there positively is none.
    func material(for host: DomainName) async throws(Failure) -> CertificateMaterial?
    /// Makes `material` the newest for `host`.
    func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure)
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

/// Issues certificates for policy hosts.
///
/// Contract: the call may take minutes and is resumable: called again with the same request after a crash it picks up
/// what was begun. `challenge` lets an issuer prove control of the name by DNS; an issuer that needs none ignores it.
/// What is returned has been checked: key matches, names match, dates are sane.
package protocol CertificateIssuer: Sendable {
    /// The issuer's name as plans and ledgers show it.
    var name: String { get }
    /// A new certificate with a new key.
    func issue(_ request: CertificateRequest, challenge: any ChallengeResponder) async throws(Failure)
        -> CertificateMaterial
}

/// What shall be certified.
package struct CertificateRequest: Hashable, Sendable, Codable {
    /// DNS names for the SAN, the policy host's first.
    package let names: [DomainName]
    /// The store's time at which the run began.
    package let now: Instant

    /// A request.
    package init(names: [DomainName], now: Instant) {
        self.names = names
        self.now = now
    }
}

/// Publishes the proof that an issuer asks for, and takes it away again (RFC 8555 §8).
package protocol ChallengeResponder: Sendable {
    /// Makes `value` one of the TXT values at `name`; returns when every answering authoritative server shows it.
    func present(_ value: String, at name: DomainName) async throws(Failure)
    /// Takes our own value away, leaving others.
    func withdraw(_ value: String, at name: DomainName) async throws(Failure)
}
