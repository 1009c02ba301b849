import DNS
import Findings
package import MTASTS

/// Policies of which nothing is known but the id: another's, or one that a lost or restored ledger forgot.
extension PublishedPolicy {
    /// The worst that RFC 8461 §3.2 allows: it enforces, and was fetched a moment ago for a year.
    package static func assumed(_ id: PolicyID, ttl: UInt32, at now: Instant) -> PublishedPolicy {
        PublishedPolicy(
            id: id, counter: id.counter ?? 0, bodyDigest: "", mode: .enforce, mx: [], maxAge: .longest,
            largestTTL: ttl, intentAt: now, announcedAt: now)
    }

    /// Whether it was assumed, and never seen.
    package var isAssumed: Bool { bodyDigest.isEmpty }
}

extension ZoneLedger {
    /// With no assumed policy cached for longer than `bound`, which somebody vouches for.
    package func bounded(by bound: MaxAge?) -> ZoneLedger {
        guard let bound else { return self }
        var ledger = self
        for index in published.indices where published[index].isAssumed {
            ledger.published[index].maxAge = min(bound, published[index].maxAge)
        }
        return ledger
    }

    /// Ids that are announced while the ledger was not looking: between a backup and its restoring others were published, of which the
    /// one that stands there is the last. It is taken for ours, with the worst that it can be, and never put back as an edit.
    func unwatched(in live: LiveZone, delegation: Delegation?) -> [LedgerEvent] {
        guard isManaged, let owner = Owned.owner(of: .mtaSTSRecord, zone: zone, delegation: delegation),
            let set = live[RecordKey(name: owner, type: .txt)].value,
            let id = PolicyIdentity.announcedID(in: set.texts), !published.contains(where: { $0.id == id }),
            let since = unwatchedSince ?? overtaken(by: id)
        else { return [] }
        return [
            .assumed(.assumed(id, ttl: set.ttl, at: since)),
            .outcome(step: "", resource: .mtaSTSRecord, left: Publication(mtaSTS: [set])),
        ]
    }

    /// From when on this ledger may have missed policies: it was put back to an earlier moment, and nobody told it. An id of our form that
    /// counts further than all of its own, where it is about to write none, gives that away.
    private func overtaken(by id: PolicyID) -> Instant? {
        guard let counter = id.counter, !applied.mtaSTS.isEmpty,
            counter > published.map(\.counter).max() ?? PolicyID.largestCounter,
            !intents.contains(where: { [.policy, .mtaSTSRecord].contains($0.resource) })
        else { return nil }
        return published.map { $0.announcedAt ?? $0.intentAt }.max()
    }

    /// Nothing is managed any more. What was out counts as replaced from now on, so that the zone is nobody's of ours; whoever takes it
    /// up again knows by ``unwatchedSince`` that others may have followed.
    ///
    /// `manifest` is the digest of the one that asks for the zone still, if any does: it asks no more.
    mutating func release(at now: Instant, manifest: String?) {
        // What limits and people did to it ends, too: no relaxation outlives its management.
        let last = lastSource?.digest
        steering = Steering()
        steering.released = manifest ?? last ?? ""
        applied = Publication()
        desired = nil
        intents = []
        issuance = Issuance()
        formerHosts = []
        withdrawnAt = nil
        replacementLook = nil
        for index in published.indices {
            published[index].supersededAt = published[index].supersededAt ?? now
            published[index].replacedAt = published[index].replacedAt ?? now
        }
        unwatchedSince = now
    }

    /// Another ledger's rows count as if they were ours; where both know an id, what it let out last.
    mutating func inherit(_ policies: [PublishedPolicy]) {
        for policy in policies {
            guard let index = published.firstIndex(where: { $0.id == policy.id }) else {
                published.append(policy)
                continue
            }
            published[index].largestTTL = max(published[index].largestTTL, policy.largestTTL)
            published[index].supersededAt = Self.latest(published[index].supersededAt, policy.supersededAt)
            published[index].replacedAt = Self.latest(published[index].replacedAt, policy.replacedAt)
        }
        unwatchedSince = nil
    }

    /// What is out by either's word is out.
    private static func latest(_ ours: Instant?, _ theirs: Instant?) -> Instant? {
        guard let ours, let theirs else { return nil }
        return max(ours, theirs)
    }

    /// Whether another instance's receipt counts: the zone was not applied in full here, and of its policies nothing is known, or not all.
    var mayInherit: Bool { desired == nil && (published.isEmpty || unwatchedSince != nil) }
}

extension PlannerInput {
    /// Counts with the bound that the manifest states for policies from before CertaDNS, and repeats it where something hangs on it.
    mutating func countingHistory() -> [Finding] {
        guard let bound = wish.desired(or: ledger)?.history else { return [] }
        let isAsked = ledger?.published.contains { row in
            row.isAssumed && now < row.heldUntil(replacedBy: now)
        }
        ledger = ledger?.bounded(by: bound)
        guard isAsked ?? false || ledger?.published.isEmpty ?? true else { return [] }
        return [
            Finding(
                .note, .historyStated,
                "the manifest's 'history' says that no policy from before had a max_age above \(bound) s, and what senders may hold is told by that",
                action:
                    "make sure that it is so: RFC 8461 allows a year, and a sender that holds one refuses mail for as long"
            )
        ]
    }
}
