import DNS
package import Planning
package import Ports

/// Issues one certificate under a lease that a run elsewhere holds: that run writes intent and outcome, this side all between.
package struct LeasedIssuance: Sendable {
    private let store: any LedgerStore
    private let run: ApplyRun

    /// Issuance over a store.
    package init(store: any LedgerStore, run: ApplyRun) {
        self.store = store
        self.run = run
    }

    /// Ends with the certificate and its key in the store; whatever happens no proof of control is left in the world.
    package func certify(
        _ wish: ZoneWish, under lease: Lease, readers: ZoneReaders, writers: ZoneWriters
    ) async throws(Failure) -> CertificateFacts {
        let held = HeldLease(lease, store: store, seconds: run.leaseSeconds)
        // Whoever asks under a lease that is no longer the zone's gets nothing ordered.
        try await held.renew()
        let zone = ZoneRun(
            wish: wish, store: store, lease: held, run: run,
            executor: StepExecutor(zone: wish.zone, readers: readers, writers: writers, now: try await store.now()))
        let step = Step(
            .issue, .certificate, causes: [], reason: "",
            effect: .certificate(names: [zone.host], issuer: writers.issuer.name))
        do throws(Failure) {
            guard let facts = try await zone.executor.perform(step, at: zone.desk).certificate else {
                throw Failure(.storage, "the certificate of \(zone.host) was issued, but is not in the store")
            }
            try await writers.keys.dropPending(for: zone.host)
            try await zone.withdrawProofs()
            return facts
        } catch {
            try? await zone.withdrawProofs()
            throw error
        }
    }
}
