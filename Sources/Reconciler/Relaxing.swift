package import DNS
package import MTASTS
import Planning
package import Ports

/// Makes policies milder by a person's word, which no later run forgets.
package struct Relaxing: Sendable {
    private let store: any LedgerStore
    private let owner: LeaseOwner
    private let commit: String?
    private let patience: LeasePatience
    private let leaseSeconds = 60

    /// For whoever runs this.
    package init(store: any LedgerStore, owner: LeaseOwner, commit: String?, patience: LeasePatience) {
        self.store = store
        self.owner = owner
        self.commit = commit
        self.patience = patience
    }

    /// What became of one zone.
    package enum End: Hashable, Sendable {
        /// It is in the ledger: the next apply makes it so.
        case relaxed
        /// No policy is out that is stricter.
        case mildEnough
        /// The ledger does not know the zone.
        case unknown
        /// Another run has the zone.
        case busy(String)
    }

    /// Writes the person's word into the ledger of `zone`; `asked` is the generation of its manifest, where that can be read.
    package func relax(
        _ zone: DomainName, to mode: Mode, reason: String, asked: Int? = nil
    ) async throws(Failure) -> End {
        guard try await store.ledger(of: zone) != ZoneLedger(zone: zone) else { return .unknown }
        do throws(Failure) {
            return try await store.withLease(of: zone, by: owner, for: leaseSeconds, with: patience) {
                lease async throws(Failure) in
                let now = try await store.now()
                let ledger = try await store.ledger(of: zone)
                guard let relaxation = ledger.relaxation(to: mode, reason: reason, asked: asked, at: now) else {
                    // Said before, and maybe not done to the end.
                    return ledger.steering.relaxation?.mode == mode ? .relaxed : .mildEnough
                }
                try await store.record(
                    .relaxed(relaxation), under: lease,
                    audit: AuditNote(commit: commit, digest: nil, what: "relaxed to '\(mode.rawValue)': \(reason)"))
                return .relaxed
            }
        } catch {
            guard error.kind == .busy else { throw error }
            return .busy(error.detail)
        }
    }
}
