package import Planning

/// What certadns.yaml says of a CA that speaks ACME.
package struct ACMEChoices: Hashable, Sendable {
    /// The CA's directory, an https URL.
    package var directory: String
    /// Its host, with the port where there is one.
    package var host: String
    /// Where the CA writes to, as `mailto:` URLs.
    package var contact: [String]
    /// Whether the system's CAs are trusted for the CA's own server.
    package var trustsSystem: Bool
    /// Further trusted CAs for it, as files.
    package var trustFiles: [String]
    /// How control of a policy host's name is proven.
    package var challenge: ChallengeProof.Kind
    /// The provider of the zone that `_acme-challenge` is an alias into, where that is not the mail domain's own.
    package var challengeProvider: String?
    /// p256, p384 or rsa2048.
    package var keyType: String
    /// Whether a certificate keeps the key of the one before.
    package var reusesKey: Bool
    /// The common name of the root that chains shall lead to.
    package var preferredChain: String?
    /// The certificate profile.
    package var profile: String?
    /// A contract with the CA: its name for it, and where the key is found.
    package var externalAccount: ExternalAccountChoice?
    /// Whom to ask whether a proof is visible; empty means the zone's own name servers.
    package var propagationServers: [Endpoint]
    /// How many of them must show it; `nil`: every one that answers.
    package var quorum: Int?
    /// How long that is waited for, in seconds.
    package var wait: Int
    /// How many zones `certadns serve` renews at once.
    package var concurrency: Int
    /// What the account may order; `nil`: the CA alone says.
    package var budget: BudgetChoices? = nil

    /// The usual number of zones renewed at once.
    package static let usualConcurrency = 20

    /// A contract with a CA (RFC 8555 §7.3.4).
    package struct ExternalAccountChoice: Hashable, Sendable {
        /// The CA's name for it.
        package let kid: String
        /// Where its key is found.
        package let key: SecretReference
    }
}
