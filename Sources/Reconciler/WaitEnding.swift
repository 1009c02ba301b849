package import DNS
package import Planning
package import Ports

/// Ends by hand a zone's wait with its CA.
package struct WaitEnding: Sendable {
    /// How one zone's wait ended, or did not.
    package enum End: Hashable, Sendable {
        /// The ledger does not know the zone.
        case unknown
        /// It does not wait.
        case none
        /// It waits until then for the account's budget, which nobody ends by hand: what was ordered stays ordered.
        case budget(BudgetRefusal)
        /// Another run holds its lease; the store's words.
        case busy(String)
        /// It would have waited until then, for that reason.
        case ended(BudgetRefusal)
    }

    private let store: any LedgerStore & IssuanceBudgetReader
    private let owner: LeaseOwner
    private let issuer: String?
    private let rules: BudgetRules?

    /// Of zones that wait for the CA under this name; `nil` where the issuer keeps nobody waiting. `rules` are what its account may order.
    package init(
        store: any LedgerStore & IssuanceBudgetReader, owner: LeaseOwner, issuer: String?, rules: BudgetRules? = nil
    ) {
        self.store = store
        self.owner = owner
        self.issuer = issuer
        self.rules = rules
    }

    /// Ends the zone's wait, also one in a `serve` that runs; what the CA said to the whole account holds the zone too, and ends with it.
    package func end(_ zone: DomainName) async throws(Failure) -> End {
        guard try await store.ledger(of: zone) != ZoneLedger(zone: zone) else { return .unknown }
        do throws(Failure) {
            return try await store.withLease(of: zone, by: owner, for: 60) { (lease) async throws(Failure) in
                try await end(lease)
            }
        } catch {
            guard error.kind == .busy else { throw error }
            return .busy(error.detail)
        }
    }

    private func end(_ lease: Lease) async throws(Failure) -> End {
        let ledger = try await store.ledger(of: lease.zone)
        let own = [ledger.issuance.hold, ledger.issuance.rest].map {
            $0.map { BudgetRefusal(until: $0.until, reason: $0.reason) }
        }
        let all: BudgetRefusal? = if let issuer { try await store.hold(of: issuer) } else { nil }
        let now = try await store.now()
        guard let hold = (own + [all]).compactMap({ $0 }).max(by: { $0.until < $1.until }), hold.until > now else {
            return try await budget(of: ledger, at: now).map { .budget($0) } ?? .none
        }
        let note = AuditNote(commit: nil, digest: nil, what: "ended by hand the wait until \(hold.until)")
        try await store.record(.issuance(.waitEnded(issuer: issuer)), under: lease, audit: note)
        return .ended(hold)
    }

    /// What keeps the certificate that the zone lacks, or has to renew, from being ordered.
    private func budget(of ledger: ZoneLedger, at now: Instant) async throws(Failure) -> BudgetRefusal? {
        guard let rules, let claim = BudgetClaim.due(by: ledger, rules, at: now) else { return nil }
        return try await store.refusal(of: claim, at: rules.issuer, within: rules.limits)
    }
}
