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

    /// Everything that a plan can depend on.
    package static let all = LookNeeds(
        mail: true, reports: true, policy: true, certificate: true, sendersView: false)
    /// Nothing.
    package static let none = LookNeeds(
        mail: false, reports: false, policy: false, certificate: false, sendersView: false)

    /// What `wish` asks for, and what the ledger says is already out.
    package static func of(_ wish: ZoneWish, ledger: ZoneLedger?) -> LookNeeds {
        var needs = LookNeeds.none
        // A manifest that can't be read decides nothing: only a renewal goes on.
        if case .unknown = wish.wish {
            needs.certificate = ledger.map { !$0.applied.host.isEmpty } ?? false
            return needs
        }
        if let ledger, ledger.isManaged {
            let policyIntent = ledger.intents.contains { $0.resource != .tlsRPTRecord }
            needs.policy =
                !ledger.published.isEmpty || !ledger.applied.host.isEmpty || !ledger.applied.mtaSTS.isEmpty
                || policyIntent
            needs.reports = !ledger.applied.tlsRPT.isEmpty || ledger.intents.contains { $0.resource == .tlsRPTRecord }
        }
        if case .desired(let desired) = wish.wish {
            needs.mail = !desired.receivesMail || desired.mtaSTS != nil
            needs.reports = needs.reports || desired.tlsRPT != nil
            needs.policy = needs.policy || (desired.mtaSTS != nil && desired.receivesMail)
        }
        needs.mail = needs.mail || needs.policy
        needs.certificate = needs.policy
        return needs
    }
}
