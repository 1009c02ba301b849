import Planning
import Ports

/// What an issuance needs for a while goes when it ends, also what an earlier run left that was killed in the middle of it.
extension ZoneRun {
    /// After a certificate is held: no proof stays in the world, no key without a certificate in the store.
    func tidy() async throws(Failure) {
        try await withdrawProofs()
        try await dropUnusedKey()
    }

    /// Takes away every proof that the ledger knows of. An order that goes on publishes its own again.
    func withdrawProofs() async throws(Failure) {
        let desk = desk
        for proof in try await store.ledger(of: wish.zone).issuance.challenges {
            try await desk.challenges.withdraw(proof)
        }
    }

    /// A key waits for its certificate as long as its order is open. A run that was killed between the two leaves it alone.
    func dropUnusedKey() async throws(Failure) {
        guard try await store.ledger(of: wish.zone).issuance.order == nil else { return }
        try await executor.writers.keys.dropPending(for: host)
    }
}
