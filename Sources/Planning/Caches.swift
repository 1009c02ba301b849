import DNS
import MTASTS

/// Until when a sender may hold a policy that was let out (RFC 8461 §3.1 and §5.1; design, rule 4).
extension PublishedPolicy {
    /// The first moment at which no sender can hold it any more; `nil` while its id is, or may be, announced.
    ///
    /// A resolver may answer the old id for the record's TTL after it was replaced, and a sender that sees it extends what it holds. One day is
    /// for senders that keep a policy at least a day, and one for clocks and caches that keep things longer than they should.
    package var heldUntil: Instant? {
        replacedAt.map { $0 + max(maxAge.seconds, Self.day) + Int(largestTTL) + Self.day }
    }

    /// The same, where it is replaced at `now` at the earliest.
    package func heldUntil(replacedBy now: Instant) -> Instant {
        var row = self
        row.replacedAt = replacedAt ?? now
        return row.heldUntil ?? now
    }

    /// Whether a sender can be told by it to report, or to refuse.
    package var binds: Bool { mode != .none }

    private static var day: Int { 86_400 }
}

extension ZoneLedger {
    /// The first moment at which no sender can hold a policy that binds it, if what is announced is replaced at `now` at the
    /// earliest.
    package func bindsUntil(replacedBy now: Instant) -> Instant {
        published.filter(\.binds).map { $0.heldUntil(replacedBy: now) }.max() ?? now
    }

    /// The policies that a sender may still act by at `now`, oldest first.
    package func held(at now: Instant) -> [PublishedPolicy] {
        published.filter { $0.heldUntil.map { now < $0 } ?? true }
    }

    /// Whether a policy of ours was, or may have been, within any sender's reach.
    package var wasAnnounced: Bool {
        !applied.mtaSTS.isEmpty || published.contains { $0.announcedAt != nil }
            || intents.contains { $0.resource == .mtaSTSRecord && !$0.writing.isEmpty }
    }

    /// Whether anything of a policy is out, or may be: its record, its body, its host or its certificate.
    package var hasPolicyOut: Bool {
        applied.policy != nil || !applied.mtaSTS.isEmpty || !applied.host.isEmpty || applied.certificate != nil
            || published.contains { $0.replacedAt == nil } || intents.contains { $0.resource != .tlsRPTRecord }
    }

    /// The policy that senders got before our first one, where `plan` is about to replace it: another's, or one of ours that a lost ledger
    /// forgot. The worst is assumed that RFC 8461 §3.2 allows: it enforces, and was fetched a moment ago for a year.
    package func assumption(
        in live: LiveZone, delegation: Delegation?, before plan: ZonePlan, receipt: ReceiptReading? = nil,
        at now: Instant
    ) -> LedgerEvent? {
        guard published.isEmpty || unwatchedSince != nil, plan.verdict == .changes,
            plan.steps.contains(where: { $0.resource == .policy || $0.resource == .mtaSTSRecord })
        else { return nil }
        var policies: [PublishedPolicy]?
        if mayInherit, case .read(let receipt)? = receipt { policies = receipt.policies }
        guard let owner = Owned.owner(of: .mtaSTSRecord, zone: zone, delegation: delegation),
            let set = live[RecordKey(name: owner, type: .txt)].value,
            let id = PolicyIdentity.announcedID(in: set.texts),
            !(published + (policies ?? [])).contains(where: { $0.id == id })
        else { return policies.map { .inherited($0) } }
        let assumed = PublishedPolicy.assumed(id, ttl: set.ttl, at: now)
        return policies.map { .inherited($0 + [assumed]) } ?? .assumed(assumed)
    }
}
