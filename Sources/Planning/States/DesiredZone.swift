package import DNS
package import MTASTS
package import TLSRPT

/// What a manifest asks for, with the configuration folded in and without places: moving a line is no change.
///
/// The ledger keeps it as last applied, so it is plain data and its coding is versioned with the ledger's.
package struct DesiredZone: Hashable, Sendable, Codable {
    /// The mail domain, RFC 8461's policy domain.
    package var zone: DomainName
    /// The DNS providers that serve the domain's records, by their names in the configuration.
    package var providers: [String]
    /// The MTA-STS policy; `nil` asks for none.
    package var mtaSTS: MTASTSDesire?
    /// The TLS-RPT record; `nil` asks for none.
    package var tlsRPT: TLSRPTDesire?
    /// Where `mta-sts.<zone>` shall point.
    package var host: HostTarget
    /// Times to live of the owned record sets, in seconds.
    package var ttl: TTLs
    /// The certificate issuer's name or kind in the configuration.
    package var issuer: String
    /// How control of the policy host's name is proven to a CA that asks for it; `nil` is the issuer's usual way.
    package var challenge: ChallengeProof.Kind?
    /// False where the manifest says `mail: none`: the domain has no mail and needs no policy.
    package var receivesMail: Bool
    /// Whether record sets that we never applied may be taken over (design, rule 7).
    package var adopt: Bool
    /// Whether the policy is kept up even when the manifest is gone; `nil`, as in older ledgers, is false.
    package var protect: Bool?
    /// Where its records stand if its DNS belongs to someone else.
    package var delegation: Delegation?
    /// The longest max_age of any policy from before CertaDNS, on its author's word; `nil`, as in older ledgers: what RFC 8461 allows.
    package var history: MaxAge?

    /// All values at once; the manifest reader is the only caller besides tests.
    package init(
        zone: DomainName, providers: [String], mtaSTS: MTASTSDesire?, tlsRPT: TLSRPTDesire?, host: HostTarget,
        ttl: TTLs = TTLs(), issuer: String = "local", challenge: ChallengeProof.Kind? = nil, receivesMail: Bool = true,
        adopt: Bool = false, protect: Bool? = nil, delegation: Delegation? = nil, history: MaxAge? = nil
    ) {
        self.zone = zone
        self.providers = providers
        self.mtaSTS = mtaSTS
        self.tlsRPT = tlsRPT
        self.host = host
        self.ttl = ttl
        self.issuer = issuer
        self.challenge = challenge
        self.receivesMail = receivesMail
        self.adopt = adopt
        self.protect = protect
        self.delegation = delegation
        self.history = history
    }
}

/// The policy that a manifest asks for.
package struct MTASTSDesire: Hashable, Sendable, Codable {
    /// enforce, testing or none.
    package var mode: Mode
    /// Where the patterns come from.
    package var mx: MXDesire
    /// How long senders may cache the policy.
    package var maxAge: MaxAge
    /// Raised by a commit to make every sender fetch again (design, rule 5).
    package var generation: Int
    /// How an enforced policy follows MX records that move; `nil`, as in older ledgers, is ``MXFollowing/usual``.
    package var following: MXFollowing?

    /// A policy's choices.
    package init(mode: Mode, mx: MXDesire, maxAge: MaxAge, generation: Int = 1, following: MXFollowing? = nil) {
        self.mode = mode
        self.mx = mx
        self.maxAge = maxAge
        self.generation = generation
        self.following = following
    }
}

/// Where a policy's `mx` patterns come from.
package enum MXDesire: Hashable, Sendable, Codable {
    /// From the live MX records, with hosts announced ahead of them.
    case derived(also: [MXPattern])
    /// Stated in the manifest.
    case patterns([MXPattern])
}

/// The TLS-RPT record that a manifest asks for.
package struct TLSRPTDesire: Hashable, Sendable, Codable {
    /// Where reports go, in order, `managed` already expanded.
    package var rua: [ReportURI]

    /// A record's one choice.
    package init(rua: [ReportURI]) { self.rua = rua }
}

/// Where the policy host's name points.
package enum HostTarget: Hashable, Sendable, Codable {
    /// Address records of our own.
    case addresses([IPAddress])
    /// An alias for a host that others name.
    case cname(DomainName)
}

/// Times to live of the owned record sets, in seconds.
package struct TTLs: Hashable, Sendable, Codable {
    /// Of `_mta-sts`: short, since a change waits for it.
    package var mtaSTS: UInt32
    /// Of all others.
    package var other: UInt32

    /// The design's defaults are 300 s and an hour.
    package init(mtaSTS: UInt32 = 300, other: UInt32 = 3600) {
        self.mtaSTS = mtaSTS
        self.other = other
    }
}
