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
        /// Another run has the zone.
        case busy(String)
    }

    /// Writes the person's word into the ledger of `zone`.
    package func relax(_ zone: DomainName, to mode: Mode, reason: String) async throws(Failure) -> End {
        do throws(Failure) {
            return try await store.withLease(of: zone, by: owner, for: leaseSeconds, with: patience) {
                lease async throws(Failure) in
                let now = try await store.now()
                let ledger = try await store.ledger(of: zone)
                guard let relaxation = ledger.relaxation(to: mode, reason: reason, at: now) else { return .mildEnough }
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
