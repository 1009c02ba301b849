import DNS
import Findings
import Planning
import Ports

/// Remembers an order in the zone's ledger, and its key beside the other keys.
struct LeasedJournal: IssuanceJournal {
    let zone: DomainName
    let host: DomainName
    let store: any LedgerStore
    let keys: any KeyStore
    let lease: HeldLease
    let budget: BudgetSpending?
    let note: @Sendable (String) -> AuditNote

    func openOrder() async throws(Failure) -> (order: OpenOrder, key: Redacted<String>)? {
        guard let order = try await store.ledger(of: zone).issuance.order else { return nil }
        guard let key = try await keys.pendingKey(for: host) else { return nil }
        return (order, key)
    }

    func heldKey() async throws(Failure) -> Redacted<String>? {
        guard let material = try await keys.material(for: host) else { return nil }
        let renewal = try await store.ledger(of: zone).issuance.renewal
        if let renewal, renewal.fingerprint == material.facts.fingerprint, renewal.discardsKey == true { return nil }
        return material.key
    }

    func beginning(_ request: CertificateRequest) async throws(Failure) {
        guard let budget else { return }
        try await lease.renew()
        let certificate = try await store.ledger(of: zone).applied.certificate
        let step = Step(
            .issue, .certificate, causes: [], reason: "",
            effect: .certificate(names: request.names, issuer: budget.rules.issuer))
        guard let claim = BudgetClaim.of(step, zone: zone, held: certificate, budget.rules),
            let wait = try await budget.store.take(
                claim, at: budget.rules.issuer, within: budget.rules.limits, under: lease.current)
        else { return }
        let seconds = max(1, wait.until - (try await store.now()))
        throw Failure(.overBudget, retryAfter: seconds, "\(wait.reason) (until \(wait.until))")
    }

    /// A lost answer may have placed it: then it counts until the next try takes it again.
    func unplaced(_ failure: Failure, forAll: Bool) async throws(Failure) {
        guard let budget, failure.kind != .unreachable, failure.kind != .timedOut else { return }
        try await lease.renew()
        try await budget.store.giveBack(zone, under: lease.current)
        guard forAll, failure.kind == .limited else { return }
        // Where the CA did not say how long, nobody else need find out at once that it takes no more.
        let now = try await store.now()
        let left = try await store.ledger(of: zone).applied.certificate.map { max(0, $0.notAfter - now) }
        let until = now + (failure.retryAfter ?? IssuanceWaiting.pause(failures: 1, left: left))
        try await budget.store.holdAll(of: budget.rules.issuer, BudgetRefusal(until: until, reason: failure.detail))
    }

    func unproven(_ name: DomainName) async throws(Failure) {
        guard let budget else { return }
        try await lease.renew()
        try await lease.record(
            .issuance(.unproven(name, issuer: budget.rules.issuer)), note("control of \(name) was not confirmed"))
    }

    /// The CA has placed it by now: a store that gives no answer for a while shall not cost another order.
    func began(_ order: OpenOrder, key: Redacted<String>) async throws(Failure) {
        for attempt in 1... {
            do throws(Failure) { return try await remember(order, key) } catch {
                guard error.retryable, attempt < Self.tries else { throw error }
            }
        }
    }

    /// Tries to write an order down; the store itself waits in each.
    private static let tries = 3

    /// The key first, then the order that needs it: whoever finds the order finds its key.
    private func remember(_ order: OpenOrder, _ key: Redacted<String>) async throws(Failure) {
        try await lease.renew()
        try await keys.storePending(key, for: host)
        try await lease.record(.issuance(.ordered(order)), note("ordered a certificate of \(order.issuer)"))
    }

    func abandoned(_ order: OpenOrder) async throws(Failure) {
        try await lease.renew()
        try await lease.record(.issuance(.abandoned), note("the order of \(order.issuer) ended without a certificate"))
        try await keys.dropPending(for: host)
    }
}
