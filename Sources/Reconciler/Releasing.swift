package import DNS
import MTASTS
package import Planning
package import Ports

/// Ends the management of zones, and touches nothing that is out.
package struct Releasing: Sendable {
    private let store: any LedgerStore
    private let owner: LeaseOwner
    private let force: Bool

    /// For whoever runs this; with `force` also where something of ours is under way that a zone may never see the end of.
    package init(store: any LedgerStore, owner: LeaseOwner, force: Bool) {
        self.store = store
        self.owner = owner
        self.force = force
    }

    /// What became of one zone.
    package enum End: Hashable, Sendable {
        /// It is managed no longer; what was under way and stays as it is, in words.
        case released(leaving: [String])
        /// It is managed as before.
        case refused(ReleaseRefusal)
    }

    /// Where the receipt goes, which must be safe before the ledger forgets.
    package struct Shelf: Sendable {
        let keep: @Sendable (ReleaseReceipt) -> ReleaseRefusal?
        let discard: @Sendable () -> Void

        /// `keep` says why it could not; `discard` takes back what it kept.
        package init(
            keep: @escaping @Sendable (ReleaseReceipt) -> ReleaseRefusal?, discard: @escaping @Sendable () -> Void
        ) {
            self.keep = keep
            self.discard = discard
        }
    }

    /// Releases `zone`; `manifest` is the digest of the one that asks for it now, if any does.
    package func release(_ zone: DomainName, manifest: String?, to shelf: Shelf) async throws(Failure) -> End {
        try await store.withLease(of: zone, by: owner, for: 60) { lease async throws(Failure) in
            let ledger = try await store.ledger(of: zone)
            guard ledger.isManaged else {
                return .refused(ReleaseRefusal("no ledger manages the zone \(zone)", action: "mend the name"))
            }
            let open = ledger.open
            if let first = open.first, !force { return .refused(first) }
            if let refusal = shelf.keep(ReleaseReceipt(for: ledger, at: try await store.now())) {
                return .refused(refusal)
            }
            do throws(Failure) {
                try await store.record(
                    .released(manifest: manifest), under: lease,
                    audit: AuditNote(
                        commit: nil, digest: manifest, what: "released: what is out stays, and is managed no longer"))
            } catch {
                // What was recorded may be told as a failure: the ledger knows.
                let known = try? await store.ledger(of: zone)
                if known?.isManaged ?? true {
                    if known != nil { shelf.discard() }
                    throw error
                }
            }
            return .released(leaving: open.map(\.message))
        }
    }
}

/// Why a zone is not released.
package struct ReleaseRefusal: Hashable, Sendable {
    /// What stands against it.
    package let message: String
    /// What to do.
    package let action: String

    /// A refusal.
    package init(_ message: String, action: String) {
        self.message = message
        self.action = action
    }
}

extension ZoneLedger {
    /// What is under way, and would be nobody's any more.
    fileprivate var open: [ReleaseRefusal] {
        let apply = "run 'certadns apply \(zone)' first"
        let insists = "where that can't end it, '--force' releases the zone all the same"
        var open: [ReleaseRefusal] = []
        if !intents.isEmpty {
            open.append(
                ReleaseRefusal(
                    "a run of \(zone) began steps and did not see their end",
                    action:
                        "\(apply), so that the receipt tells what is out; \(insists), and what was begun counts as out")
            )
        }
        if !issuance.challenges.isEmpty {
            open.append(
                ReleaseRefusal(
                    "proofs of control for \(zone)'s certificate stand there still, and nobody else takes them away",
                    action: "\(apply); \(insists), and '_acme-challenge' is yours to clean"))
        }
        if issuance.order != nil {
            open.append(
                ReleaseRefusal(
                    "an order for \(zone)'s certificate is open at its CA", action: "\(apply); \(insists)"))
        }
        if let relaxation = steering.relaxation {
            open.append(
                ReleaseRefusal(
                    "the policy of \(zone) was relaxed to '\(relaxation.mode.rawValue)' (\(relaxation.reason)), which no receipt tells",
                    action:
                        "commit 'mode: \(relaxation.mode.rawValue)', or raise 'generation' to end it, and apply that first; \(insists)"
                ))
        }
        return open
    }
}
