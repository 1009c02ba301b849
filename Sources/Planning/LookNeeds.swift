package import DNS
package import MTASTS

/// What a zone's plan can depend on, so that nobody is asked in vain: a fleet's plan is mostly questions.
package struct LookNeeds: Hashable, Sendable {
    /// The MX records with what they lead to.
    package var mail: Bool
    /// The TLS-RPT record.
    package var reports: Bool
    /// Host, certificate, policy and MTA-STS record.
    package var policy: Bool
    /// The certificate held; nobody outside is asked for it.
    package var certificate: Bool
    /// The records as senders' resolvers answer them, besides the provider's own word.
    package var sendersView: Bool
    /// Who may issue a certificate: asked only where one is due. A look that finds none held asks too.
    package var caa: Bool
    /// Whether the domain is still delegated to the servers that its provider names.
    package var whereabouts = false
    /// The servers that were last seen to be its own.
    package var home: [DomainName] = []
    /// Where the records stand, if not at the zone's own names.
    package var delegation: Delegation?
    /// The names that the zone's owner makes aliases.
    package var aliases: [DomainName] = []
    /// Places that the policy host left and that have to serve on.
    package var former: [HostTarget] = []
    /// What the policy lists that is out and follows the MX records: a mail host beyond it is asked for at every authoritative server.
    package var listed: [MXPattern]?

    /// Everything that a plan can depend on.
    package static let all = LookNeeds(
        mail: true, reports: true, policy: true, certificate: true, sendersView: false, caa: true)
    /// Nothing.
    package static let none = LookNeeds(
        mail: false, reports: false, policy: false, certificate: false, sendersView: false, caa: false)

    /// What `wish` asks for, and what the ledger says is already out.
    package static func of(_ wish: ZoneWish, ledger: ZoneLedger?, now: Instant) -> LookNeeds {
        if wish.owner.isOwnName { return ofOwnName(wish, ledger: ledger, now: now) }
        var needs = LookNeeds.none
        needs.delegation = ledger?.desired?.zone.delegation
        switch wish.wish {
        // A manifest that can't be read decides nothing: only a renewal goes on, and a person's word.
        case .unknown where ledger?.steering.relaxation != nil: break
        case .unknown, .renewal:
            needs.certificate = ledger?.keepsCertificate ?? false
            needs.caa = needs.certificate && ledger.isDueForCertificate(at: now)
            return needs
        case .desired, .gone: break
        }
        if let ledger, ledger.isManaged {
            needs.policy = ledger.hasPolicyOut
            needs.whereabouts = needs.delegation == nil
            needs.home = ledger.steering.home
            needs.reports = !ledger.applied.tlsRPT.isEmpty || ledger.intents.contains { $0.resource == .tlsRPTRecord }
        }
        if case .desired(let desired) = wish.wish {
            needs.delegation = desired.delegation
            needs.whereabouts = needs.whereabouts && desired.delegation == nil
            needs.aliases = desired.delegation?.aliases(of: desired).map(\.name) ?? []
            needs.caa = ledger?.applied.certificate.map { $0.issuer != desired.issuer } ?? false
            if desired.mtaSTS?.mode == .enforce, desired.mtaSTS?.mx.isDerived ?? false {
                needs.listed = (ledger?.applied.policy?.body).flatMap { try? Policy.parse(Array($0.utf8)) }?.mx
            }
            needs.mail = !desired.receivesMail || desired.mtaSTS != nil
            needs.reports = needs.reports || desired.tlsRPT != nil
            needs.policy = needs.policy || (desired.mtaSTS != nil && desired.receivesMail)
        }
        if needs.policy { needs.former = ledger?.formerHosts.filter { $0.until > now }.map(\.place) ?? [] }
        needs.mail = needs.mail || needs.policy
        needs.certificate = needs.policy
        needs.caa = needs.policy && (needs.caa || ledger.isDueForCertificate(at: now))
        return needs
    }
}

extension ZoneLedger? {
    /// Whether the ledger knows of no certificate that may stay beyond `now`.
    func isDueForCertificate(at now: Instant) -> Bool {
        guard let self, let held = self.applied.certificate else { return true }
        let renewal = self.issuance.renewal.flatMap { $0.fingerprint == held.fingerprint ? $0.at : nil }
        return (renewal ?? CertificateDiff.usualDue(for: held)) <= now
    }
}
