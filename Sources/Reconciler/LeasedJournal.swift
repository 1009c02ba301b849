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
    let note: @Sendable (String) -> AuditNote

    func openOrder() async throws(Failure) -> (order: OpenOrder, key: Redacted<String>)? {
        guard let order = try await store.ledger(of: zone).issuance.order else { return nil }
        guard let key = try await keys.pendingKey(for: host) else { return nil }
        return (order, key)
    }

    /// The key first, then the order that needs it: whoever finds the order finds its key.
    func began(_ order: OpenOrder, key: Redacted<String>) async throws(Failure) {
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
