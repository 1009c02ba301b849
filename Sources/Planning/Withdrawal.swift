import DNS
import Findings
import MTASTS

/// How far the withdrawal of a policy has come that nobody asks for any more (design, rule 4). Follows from the ledger alone.
package enum Withdrawal: Hashable, Sendable {
    /// A policy that binds senders can still be held: `mode: none` is announced until then.
    case binding(until: Instant)
    /// No sender is bound any more: the record goes, and what it announced outlives it until then.
    case unbound(until: Instant)
    /// The record is gone; resolvers may answer it until then, so policy, host and certificate stay.
    case lingering(until: Instant)
    /// No sender can ask for anything any more: all of it may go.
    case free

    /// How far it is at `now`, where what is announced is replaced now at the earliest; `isAnnounced`, that a record stands
    /// at `_mta-sts`, or may.
    package static func progress(of ledger: ZoneLedger, isAnnounced: Bool, at now: Instant) -> Withdrawal {
        // What no sender was ever told of goes at once; but under somebody else's id senders fetch what we serve, too.
        guard ledger.wasAnnounced || isAnnounced && !ledger.published.isEmpty else { return .free }
        let bound = ledger.bindsUntil(replacedBy: now)
        if now < bound { return .binding(until: bound) }
        let forgotten = ledger.answeredUntil(replacedBy: now)
        if ledger.isRecordOut { return .unbound(until: forgotten) }
        return now < forgotten ? .lingering(until: forgotten) : .free
    }
}

extension ZoneLedger {
    /// Whether a record of ours stands at `_mta-sts`, or may.
    fileprivate var isRecordOut: Bool {
        !applied.mtaSTS.isEmpty || intents.contains { $0.resource == .mtaSTSRecord && !$0.writing.isEmpty }
    }

    /// The first moment at which no resolver answers any id of ours any more, if what is announced goes at `now` at the earliest.
    func answeredUntil(replacedBy now: Instant) -> Instant {
        published.map { ($0.replacedAt ?? now) + Int($0.largestTTL) }.max() ?? now
    }
}

extension ZoneWish {
    /// When the last step of the zone's withdrawal may be done at the earliest; `nil` where it is not withdrawn.
    package func leaves(_ ledger: ZoneLedger?, at now: Instant) -> Instant? {
        guard case .gone = wish, let ledger = ledger?.bounded(by: ledger?.desired?.zone.history), ledger.isManaged
        else {
            return nil
        }
        return ledger.bindsUntil(replacedBy: now) + Int(ledger.published.map(\.largestTTL).max() ?? 0)
    }
}

extension Stage {
    /// Nobody asks for a policy any more: what may be public of it now, and what waits until when. Reports go last: as long as a
    /// policy can be held its failures must be told.
    mutating func withdraw(
        _ ledger: ZoneLedger, reports: [RecordSet], live: LiveZone, at now: Instant, unless block: Finding?
    ) {
        guard ledger.isManaged else {
            wanted.tlsRPT = reports
            return
        }
        if let block, ledger.withdrawnAt == nil || block == .protected {
            wanted.tlsRPT = reports.isEmpty ? ledger.applied.tlsRPT : reports
            isBlocked = true
            findings.append(block)
            return
        }
        beginsWithdrawal = ledger.withdrawnAt == nil && (reports.isEmpty || ledger.hasPolicyOut)
        guard ledger.hasPolicyOut else {
            // No sender caches a TLS-RPT record beyond its TTL: it may go at once.
            wanted.tlsRPT = reports
            return
        }
        let delegation = ledger.desired?.zone.delegation
        let owner = Owned.owner(of: .mtaSTSRecord, zone: ledger.zone, delegation: delegation)
        let seen = owner.map { live[RecordKey(name: $0, type: .txt)] } ?? .absent(.plain)
        let texts = seen.texts
        // What could not be read may announce (design, rule 10).
        let isAnnounced = seen.unknown != nil || PolicyIdentity.announcedID(in: texts) != nil
        let progress = Withdrawal.progress(of: ledger, isAnnounced: isAnnounced, at: now)
        // Senders whom somebody else's record leads to our host must not find it gone.
        if progress == .free, isAnnounced, ledger.applied.host.contains(where: { live[$0.key].value == $0 }) {
            wanted.tlsRPT = reports.isEmpty ? ledger.applied.tlsRPT : reports
            isBlocked = true
            findings.append(.leadsHere(ledger.zone, seen))
            return
        }
        withdrawal = progress
        wanted.tlsRPT = reports.isEmpty && progress != .free ? ledger.applied.tlsRPT : reports
        switch progress {
        case .binding(let until):
            announceNone(ledger, announcing: texts)
            holds.append(
                Hold(.mtaSTSRecord, "senders may hold the policy until then; after that its record goes", until: until))
            holds.append(.host(until: until + Int(ledger.published.map(\.largestTTL).max() ?? 0)))
        case .unbound(let until), .lingering(let until):
            wanted.mtaSTS = []
            holds.append(.host(until: until))
        case .free:
            wanted.mtaSTS = []
            wanted.policy = nil
            wanted.host = []
            certificate = .removed
        }
    }

    /// RFC 8461 §8.3: `mode: none` with a short max_age. Some senders refuse a policy without a mail host, so its `mx` lines stay.
    private mutating func announceNone(_ ledger: ZoneLedger, announcing texts: [[UInt8]]) {
        let out = ledger.applied.policy.flatMap { try? Policy.parse(Array($0.body.utf8)) }
        let last = ledger.published.max { $0.counter < $1.counter }
        let generation = ledger.desired?.zone.mtaSTS?.generation ?? 1
        let delegation = ledger.desired?.zone.delegation
        var body = ledger.applied.policy
        if out?.mode != Mode.none || body?.id != last?.id {
            let policy = Policy(mode: .none, mx: out?.mx ?? last?.mx ?? [], maxAge: .day)
            body = PolicyIdentity.body(
                for: policy, generation: generation, ledger: ledger,
                liveTexts: texts, served: nil)
        }
        guard let body else { return }
        let ttl = ledger.applied.mtaSTS.map(\.ttl).max() ?? ledger.desired?.zone.ttl.mtaSTS ?? TTLs().mtaSTS
        wanted.policy = body
        wanted.mtaSTS = Owned.mtaSTSRecord(of: ledger.zone, id: body.id, ttl: ttl, delegation: delegation)
    }
}

extension Hold {
    /// What senders need to learn that there is no policy any more goes after all else.
    fileprivate static func host(until: Instant) -> Hold {
        Hold(.policyHost, "policy, host and certificate go once no resolver answers the record any more", until: until)
    }
}

extension Finding {
    /// A record that is not ours announces a policy, or may, and the host's name leads to us.
    fileprivate static func leadsHere(_ zone: DomainName, _ seen: Observation<RecordSet>) -> Finding {
        let name = WellKnown.recordName(zone)
        if let unknown = seen.unknown { return .unreadable(name, .txt, unknown) }
        return Finding(
            .error, .unmanaged,
            "the record at \(name) is not ours and announces a policy, for which senders are led to the policy host here: nothing is taken away",
            action: "let \(WellKnown.hostName(zone)) lead to whoever serves that policy, or remove the record")
    }
}
