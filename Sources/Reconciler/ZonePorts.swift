import DNS
package import Planning
package import Ports

/// What a look at a zone needs: readers only, so that looking can't write (design, rule 11).
package struct ZoneReaders: Sendable {
    /// The zone's own provider, as far as it may be read.
    package let dns: any DNSReader
    /// What everybody sees; may remember answers for the length of a run.
    package let resolver: any Resolver
    /// The same, asked anew each time: for waiting until something appears.
    package let forgetfulResolver: any Resolver
    /// What senders get over HTTPS.
    package let probe: any Probe
    /// Where the probe goes whatever the host record says; then one look stands for all addresses.
    package let probesFixedPlace: Bool
    /// What the policy host was given.
    package let policies: any PolicyReader
    /// Which certificates are held.
    package let certificates: any CertificateReader
    /// What a web server of others was given of them; `nil` where the policy host reads the store itself.
    package let delivery: (any DeliveryReader)?
    /// What each authoritative server says of the mail hosts; `nil` where the resolvers' word has to do.
    package let mail: (any MailHostWatcher)?
    /// Asks mail hosts for their certificates; `nil` where they are not asked from here.
    package let mailProbe: (any MailHostProbe)?
    /// What senders' reports say; `nil` where nobody takes them in.
    package let evidence: (any EvidenceReader)?
    /// Asks all name servers whether an id is gone; `nil` where nobody but the provider answers.
    package let replacement: (any ReplacementWatcher)?
    /// Others than the provider answer for the zone, and can't be asked.
    package let assumesReplacement: Bool
    /// Who would issue one, as CAA records name it; `nil` where that can't be told.
    package let issuer: @Sendable () async -> IssuerIdentity?

    /// The readers of one zone.
    package init(
        dns: any DNSReader, resolver: any Resolver, forgetfulResolver: any Resolver, probe: any Probe,
        probesFixedPlace: Bool,
        policies: any PolicyReader, certificates: any CertificateReader, delivery: (any DeliveryReader)? = nil,
        evidence: (any EvidenceReader)? = nil, mail: (any MailHostWatcher)? = nil,
        mailProbe: (any MailHostProbe)? = nil,
        replacement: (any ReplacementWatcher)? = nil, assumesReplacement: Bool = false,
        issuer: @escaping @Sendable () async -> IssuerIdentity? = { nil }
    ) {
        self.dns = dns
        self.resolver = resolver
        self.forgetfulResolver = forgetfulResolver
        self.probe = probe
        self.probesFixedPlace = probesFixedPlace
        self.policies = policies
        self.certificates = certificates
        self.delivery = delivery
        self.evidence = evidence
        self.mail = mail
        self.mailProbe = mailProbe
        self.replacement = replacement
        self.assumesReplacement = assumesReplacement
        self.issuer = issuer
    }
}

extension ZoneReaders {
    /// The same readers, remembering nothing.
    var askingAnew: ZoneReaders {
        ZoneReaders(
            dns: dns, resolver: forgetfulResolver, forgetfulResolver: forgetfulResolver, probe: probe,
            probesFixedPlace: probesFixedPlace, policies: policies, certificates: certificates,
            delivery: delivery, evidence: evidence, mail: mail, mailProbe: mailProbe,
            replacement: replacement, assumesReplacement: assumesReplacement, issuer: issuer)
    }
}

/// What changing a zone needs besides.
package struct ZoneWriters: Sendable {
    /// The zone's provider.
    package let dns: any DNSWriter
    /// The policy host.
    package let policies: any PolicyWriter
    /// Where certificates are kept.
    package let keys: any KeyStore
    /// Who shows them, where that is a web server of others.
    package let delivery: (any DeliveryWriter)?
    /// Who issues them.
    package let issuer: any CertificateIssuer
    /// How control of the policy host's name is proven.
    package let proving: ProvingPorts
    /// What the issuer's account may still order; `nil`: as much as is due.
    package let budget: BudgetSpending?

    /// The writers of one zone.
    package init(
        dns: any DNSWriter, policies: any PolicyWriter, keys: any KeyStore, issuer: any CertificateIssuer,
        delivery: (any DeliveryWriter)? = nil, proving: ProvingPorts = .none, budget: BudgetSpending? = nil
    ) {
        self.dns = dns
        self.policies = policies
        self.keys = keys
        self.issuer = issuer
        self.delivery = delivery
        self.proving = proving
        self.budget = budget
    }
}

/// What proving control of a name needs.
package struct ProvingPorts: Sendable {
    /// The ways that are set up, the preferred one first.
    package var kinds: [ChallengeProof.Kind]
    /// Where http-01 answers are put.
    package var tokens: (any ChallengeTokens)?
    /// The provider of the zone that `_acme-challenge` leads to, where it is not the mail domain's own.
    package var delegated: (any DNSWriter)?
    /// Who tells whether a value is visible everywhere.
    package var watcher: (any PropagationWatcher)?
    /// How many servers must show a value; `nil`: every one that answers.
    package var quorum: Int?
    /// How long visibility is waited for, in seconds.
    package var wait: Int

    /// Ways and means.
    package init(
        kinds: [ChallengeProof.Kind], tokens: (any ChallengeTokens)? = nil, delegated: (any DNSWriter)? = nil,
        watcher: (any PropagationWatcher)? = nil, quorum: Int? = nil, wait: Int = 120
    ) {
        self.kinds = kinds
        self.tokens = tokens
        self.delegated = delegated
        self.watcher = watcher
        self.quorum = quorum
        self.wait = wait
    }

    /// For issuers that ask for no proof.
    package static let none = ProvingPorts(kinds: [])
}
