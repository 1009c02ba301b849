package import DNS
package import Findings
package import Planning
package import TLSRPT
package import YAML

/// What certadns.yaml says, as plain values; `Wiring` hands them to the edges.
package struct Configuration: Sendable {
    /// The state folder, relative to the configuration's folder unless absolute.
    package var state: String
    /// The store beside another machine's `certadns serve`, which takes the folder's place; `nil` where there is none.
    package var remoteState: RemoteChoice? = nil
    /// The database that takes the folder's place; `nil` where there is none.
    package var postgreSQL: PostgreSQLChoice? = nil
    /// Where that is said; `nil` where it is the default.
    package var statePlace: Place?
    /// DNS providers by name.
    package var providers: [String: Provider]
    /// How control is proven for the zones of a provider, where it is not the issuer's way; by the provider's name.
    package var challenges: [String: ChallengeProof.Kind] = [:]
    /// The certificate issuer.
    package var issuer: Issuer
    /// Where `mta-sts.<zone>` points.
    package var hostTarget: HostTarget
    /// Where `certadns serve` listens.
    package var listen: Endpoint
    /// Where `certadns serve` answers http-01 challenges.
    package var listenHTTP: Endpoint
    /// Whether that is said, and no default: a zone of its own may prove control so.
    package var statesListenHTTP = false
    /// Where the records of zones stand whose DNS belongs to someone else.
    package var delegation: DelegationChoice?
    /// The folder of a web server of others that serves the policies; `nil` where `certadns serve` does.
    package var policyFolder: PolicyFolder?
    /// Where the observer reaches the policy host, if not at its addresses.
    package var connect: Endpoint?
    /// What `managed` stands for.
    package var managedReports: [ReportURI]
    /// Who answers for names outside the zones; empty means the system's resolvers.
    package var resolvers: [Endpoint]
    /// Who is asked whether an earlier id is gone, instead of the zones' own servers; empty: those.
    package var nameServers: [Endpoint]
    /// Where policies are fetched.
    package var httpsPort: Int
    /// Where mail hosts are asked for their certificates; `nil`: not from this machine.
    package var smtpPort: Int?
    /// Whether the system's CAs are trusted in looks.
    package var trustsSystem: Bool
    /// Further trusted CAs, as files.
    package var trustFiles: [String]
    /// Merged under every manifest.
    package var defaults: YAMLNode?
    /// Times to live of owned record sets.
    package var ttl: TTLs
    /// What add-ons cost.
    package var prices: [String: AddOnTotal.Price]
    /// How private keys are sealed; `nil`: not at all.
    package var seal: SealChoices? = nil
    /// The names of `certadns serve` itself.
    package var ownNames: [OwnName] = []
    /// Whether serve shows the public part of its ledger to anybody.
    package var showsLedger = false
    /// How many zones may lose their policy in a day unless they are named.
    package var withdrawals = WithdrawalLimit.usual
    /// How many zones may change in a day unless they are named.
    package var changes = ChangeLimit.usual

    /// Whether http-01 challenges may have to be answered.
    package var answersHTTP01: Bool {
        guard case .acme(let choices) = issuer else { return false }
        if case .scalar(ChallengeProof.Kind.http01.rawValue, _)? = defaults?["challenge"]?.content { return true }
        return choices.challenge == .http01 || challenges.values.contains(.http01) || statesListenHTTP
            || ownNames.contains { $0.challenge == .http01 }
    }

    /// Whether the issuer's usual way of having control proven is http-01.
    var provesByHost: Bool { if case .acme(let choices) = issuer { choices.challenge == .http01 } else { false } }

    /// For zones whose DNS belongs to someone else.
    package struct DelegationChoice: Hashable, Sendable {
        /// Where their records stand.
        package let delegation: Delegation
        /// Who serves that zone.
        package let provider: String
    }

    /// Policies and certificates as files.
    package struct PolicyFolder: Hashable, Sendable {
        /// The folder, relative to the configuration's unless absolute.
        package let path: String
        /// What makes the web server read it again.
        package let reload: [String]
    }

    /// How a DNS provider is reached.
    package enum Provider: Hashable, Sendable {
        /// Dynamic updates to a primary.
        case rfc2136(server: Endpoint, key: Key?, reading: Reading)
        /// Master files in a folder.
        case zoneFile(folder: String, seed: String?, reload: [String])
    }

    /// How a primary is read.
    package enum Reading: String, Hashable, Sendable, CaseIterable { case query, transfer }

    /// A TSIG key and where its secret is found.
    package struct Key: Hashable, Sendable {
        /// The key's name.
        package let name: DomainName
        /// How it signs.
        package let algorithm: TSIGKey.Algorithm
        /// Where its secret is.
        package let secret: SecretReference
    }

    /// The certificate issuers.
    package enum Issuer: Hashable, Sendable {
        /// A private CA in the state folder.
        case local
        /// A CA that speaks ACME (RFC 8555).
        case acme(ACMEChoices)

        /// The name that plans and ledgers show: of another CA another one, so that a change of CA is seen.
        package var name: String {
            switch self {
            case .local: "local"
            case .acme(let choices): choices.host
            }
        }
    }
}

/// Where a secret is found; never the secret.
package enum SecretReference: Hashable, Sendable {
    /// An environment variable.
    case environment(String)
    /// A file.
    case file(String)
}

extension SecretReference: CustomStringConvertible {
    /// As the configuration writes it.
    package var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}
