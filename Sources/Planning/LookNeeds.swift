/// What a zone's plan can depend on, so that nobody is asked in vain: a fleet's plan is mostly questions.
package struct LookNeeds: Hashable, Sendable {
    /// The MX records with what they lead to.
    package var mail: Bool
    /// The TLS-RPT record.
    package var reports: Bool
    /// Host, certificate, policy and MTA-STS record.
    package var policy: Bool

    /// Everything.
    package static let all = LookNeeds(mail: true, reports: true, policy: true)
    /// Nothing.
    package static let none = LookNeeds(mail: false, reports: false, policy: false)

    /// What `wish` asks for, and what the ledger says is already out.
    package static func of(_ wish: ZoneWish, ledger: ZoneLedger?) -> LookNeeds {
        var needs = LookNeeds.none
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
        return needs
    }
}
