package import DNS
package import Planning

/// Reads what accounts have used of their CAs. Takes no lease and changes nothing.
package protocol IssuanceBudgetReader: Sendable {
    /// All that is kept of one issuer: for planning a fleet.
    func book(of issuer: String) async throws(Failure) -> IssuerBook
    /// The issuer's own word to the whole account, as it is kept; it may have ended.
    func hold(of issuer: String) async throws(Failure) -> BudgetRefusal?
    /// What keeps `claim` from being ordered now; `nil`: nothing. The same answer as the whole book's, but for one zone a bounded read.
    func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal?
}

/// Keeps the budgets of issuers' accounts beside the ledger.
///
/// Contract: every call is one durable transaction, and calls of all processes on one store are one after the other, so that no two
/// take the last order. What a ledger event means to a budget (``IssuerBook/note(_:of:at:)``) is recorded in that event's own transaction.
package protocol IssuanceBudgetStore: IssuanceBudgetReader {
    /// Takes one order for `claim` from the issuer's budget, or says why not and until when; a renewal that finds no room keeps the
    /// next one from new certificates. Taken again before the CA's answer is recorded, it is the same order. Refuses a stale lease.
    func take(
        _ claim: BudgetClaim, at issuer: String, within limits: BudgetLimits, under lease: Lease
    ) async throws(Failure) -> BudgetRefusal?
    /// Leaves a renewal the next place, before new certificates; until it is taken, or no window reaches it any more. Refuses a stale
    /// lease.
    func keepPlace(for claim: BudgetClaim, at issuer: String, under lease: Lease) async throws(Failure)
    /// Gives back what the zone took: the CA positively placed no order. No error where nothing was taken.
    func giveBack(_ zone: DomainName, under lease: Lease) async throws(Failure)
    /// Nothing is ordered of the issuer, for no zone, before then: its own word to the whole account. Of two the later counts.
    func holdAll(of issuer: String, _ hold: BudgetRefusal) async throws(Failure)
}
