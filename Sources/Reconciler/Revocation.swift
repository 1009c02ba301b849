package import DNS
package import Planning
package import Ports

/// A revocation under the zone's lease. The certificate counts as due before the CA hears of it, so that one that is revoked is
/// never taken for a good one; a refusal takes that back.
package struct Revocation: Sendable {
    private let zone: DomainName
    private let facts: CertificateFacts
    private let store: any LedgerStore
    private let owner: LeaseOwner

    /// Of the certificate that is held for `zone`.
    package init(zone: DomainName, of facts: CertificateFacts, store: any LedgerStore, owner: LeaseOwner) {
        self.zone = zone
        self.facts = facts
        self.store = store
        self.owner = owner
    }

    /// Runs `revoke`, which asks the CA. Throws `.busy` where another run holds the zone.
    package func perform<Value: Sendable>(
        _ revoke: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await store.withLease(of: zone, by: owner, for: 120) { (lease) async throws(Failure) in
            try await perform(revoke, lease)
        }
    }

    private func perform<Value: Sendable>(
        _ revoke: () async throws(Failure) -> Value, _ lease: Lease
    ) async throws(Failure) -> Value {
        let now = try await store.now()
        let before =
            try await store.ledger(of: zone).issuance.renewal
            ?? RenewalDrawing.moment(of: facts, known: nil, answer: .none, fraction: 0, now: now)
        // Nobody asks the CA when to renew a certificate that is revoked, so the moment stays as it is.
        let due = RenewalMoment(
            fingerprint: facts.fingerprint, at: now, askAgain: facts.notAfter, discardsKey: true)
        try await draw(due, lease)
        let value: Value
        do throws(Failure) { value = try await revoke() } catch {
            let isOpen = error.kind == .unreachable || error.kind == .timedOut
            if !isOpen { try await draw(before, lease) }
            throw error
        }
        // A person wants another one: what the zone waited for is over, too; what the CA said to the whole account is not. From here
        // on nothing makes the revoked one a good one again.
        try await store.record(
            .issuance(.waitEnded(issuer: nil)), under: lease, audit: note("revoked \(facts.fingerprint)"))
        return value
    }

    private func draw(_ moment: RenewalMoment, _ lease: Lease) async throws(Failure) {
        try await store.record(.issuance(.renewalDrawn(moment)), under: lease, audit: note("due at \(moment.at)"))
    }

    private func note(_ what: String) -> AuditNote { AuditNote(commit: nil, digest: nil, what: what) }
}
