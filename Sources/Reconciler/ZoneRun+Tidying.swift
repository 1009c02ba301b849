import Planning
import Ports

/// What an issuance needs for a while goes when it ends, also what an earlier run left that was killed in the middle of it.
extension ZoneRun {
    /// After a certificate is held: no proof stays in the world, no key without a certificate in the store.
    func tidy() async throws(Failure) {
        var failure: Failure?
        do throws(Failure) { try await withdrawProofs() } catch { failure = error }
        try await dropUnusedKey()
        if let failure { throw failure }
    }

    /// Takes away every proof that the ledger knows of, also after one that can't be. An order that goes on publishes its own again.
    func withdrawProofs() async throws(Failure) {
        let desk = desk
        var failure: Failure?
        for proof in try await store.ledger(of: wish.zone).issuance.challenges {
            do throws(Failure) { try await desk.challenges.withdraw(proof) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// How the zone ended where a proof of control was left behind: whatever else was done, that is told, and the next run tries again.
    func outcome(_ outcome: ZoneOutcome, leaving leftover: Failure?) -> ZoneOutcome {
        guard let leftover, outcome.kind != .failed, outcome.kind != .blocked else { return outcome }
        return ZoneOutcome(
            zone: wish.zone, .failed,
            "a proof of control is left behind, and the next run tries again to take it away: \(leftover.detail)",
            stepsDone: outcome.stepsDone, failedStep: .challenge)
    }

    /// A key waits for its certificate as long as its order is open. A run that was killed between the two leaves it alone.
    func dropUnusedKey() async throws(Failure) {
        guard try await store.ledger(of: wish.zone).issuance.order == nil else { return }
        try await executor.writers.keys.dropPending(for: host)
    }

    /// What was begun for a certificate that nobody asks for any more ends: no proof, no order, no key without a certificate.
    func endIssuance() async throws(Failure) {
        try await withdrawProofs()
        if try await store.ledger(of: wish.zone).issuance.order != nil {
            try await lease.record(.issuance(.abandoned), note("nobody asks for the certificate any more"))
        }
        try await dropUnusedKey()
    }

    /// Nobody asks any more for the certificate of a name of `serve`: what was begun for it ends, and it is not kept up. It stays in the
    /// store with its key: whoever names the host again has it at once.
    func letGo() async throws(Failure) {
        try await endIssuance()
        guard try await store.ledger(of: wish.zone).isManaged else { return }
        try await lease.record(
            .outcome(step: "", resource: .certificate, left: Publication()),
            note("let go: \(host) is no longer named, its certificate is not renewed any more"))
    }
}
