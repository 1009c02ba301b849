package import DNS
package import Planning

/// Reads the ledger. Takes no lease and changes no file (design, rule 11).
package protocol LedgerReader: Sendable {
    /// What is known of one zone; an empty ledger for a zone never seen.
    func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger
    /// Every zone that the ledger knows, sorted by name.
    func ledgers() async throws(Failure) -> [ZoneLedger]
    /// The audit trail of one zone, or of all, newest first, at most `limit` entries.
    func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry]
    /// The zones that need attention at `now` (``ZoneLedger/attention``), at most `limit`: what expires first comes first. Costs what
    /// is due, not what the ledger knows.
    func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone]
    /// When the next zone will need attention after `now`; `nil` where none will.
    func nextRenewal(after now: Instant) async throws(Failure) -> Instant?
    /// The zones whose wait was ended (``IssuanceEvent/waitEnded(issuer:)``) after `mark`, with the mark to ask from next time; without
    /// a mark no zones. Costs what was written since.
    func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits
}

/// Waits that were ended since somebody last asked.
package struct EndedWaits: Hashable, Sendable, Codable {
    /// Whose they were.
    package let zones: Set<DomainName>
    /// How far the store had come; means nothing to others.
    package let mark: Int64

    /// Ended waits.
    package init(zones: Set<DomainName>, mark: Int64) {
        self.zones = zones
        self.mark = mark
    }
}

/// A zone that needs attention.
package struct DueZone: Hashable, Sendable, Codable {
    /// The mail domain.
    package let zone: DomainName
    /// When its certificate ends.
    package let expires: Instant

    /// A zone.
    package init(zone: DomainName, expires: Instant) {
        self.zone = zone
        self.expires = expires
    }
}

/// Keeps the ledger. Every call is one durable, idempotent transaction.
package protocol LedgerStore: LedgerReader, StoreClock {
    /// Takes the zone's lease, or throws `.busy` saying who holds it, where and since when.
    func acquire(_ zone: DomainName, by owner: LeaseOwner, for seconds: Int) async throws(Failure) -> Lease
    /// Prolongs a lease that is still ours; throws `.conflict` when it was taken over.
    func renew(_ lease: Lease, for seconds: Int) async throws(Failure) -> Lease
    /// Gives the lease back; no error when it already lapsed.
    func release(_ lease: Lease) async throws(Failure)
    /// Records `event` under `lease` at the store's own time; refuses a stale fencing number with `.conflict`.
    func record(_ event: LedgerEvent, under lease: Lease, audit: AuditNote) async throws(Failure)
}

/// The clock that plans are judged by: the store's, not the runner's.
package protocol StoreClock: Sendable {
    /// Now.
    func now() async throws(Failure) -> Instant
}

/// Who holds a lease.
package struct LeaseOwner: Hashable, Sendable, Codable {
    /// The person or job.
    package let who: String
    /// The machine and process.
    package let runner: String
    /// The command.
    package let command: String

    /// As people read it.
    package var words: String { "\(who) on \(runner) ('\(command)')" }

    /// An owner; each part is cut to 256 characters, since others are shown it and keep it.
    package init(who: String, runner: String, command: String) {
        self.who = String(who.prefix(256))
        self.runner = String(runner.prefix(256))
        self.command = String(command.prefix(256))
    }

    /// The same of what comes over the network.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            who: try values.decode(String.self, forKey: .who), runner: try values.decode(String.self, forKey: .runner),
            command: try values.decode(String.self, forKey: .command))
    }
}

/// The right to change one zone until it lapses.
package struct Lease: Hashable, Sendable, Codable {
    /// The zone.
    package let zone: DomainName
    /// Grows by one with each holder; the store refuses older ones.
    package let fencing: Int64
    /// Who holds it.
    package let owner: LeaseOwner
    /// When it lapses.
    package let until: Instant

    /// A lease.
    package init(zone: DomainName, fencing: Int64, owner: LeaseOwner, until: Instant) {
        self.zone = zone
        self.fencing = fencing
        self.owner = owner
        self.until = until
    }
}

/// What the audit trail keeps beside an event.
package struct AuditNote: Hashable, Sendable, Codable {
    /// The commit of the manifests, where known.
    package let commit: String?
    /// Digest of the zone's effective manifest.
    package let digest: String?
    /// What was done, in one line for people, without secrets.
    package let what: String

    /// A note.
    package init(commit: String?, digest: String?, what: String) {
        self.commit = commit
        self.digest = digest
        self.what = what
    }

    /// The same of what comes over the network, each part cut: the trail keeps it for ever, and answers it.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys, _ limit: Int) throws -> String? {
            try values.decodeIfPresent(String.self, forKey: key).map { String($0.prefix(limit)) }
        }
        self.init(
            commit: try text(.commit, 128), digest: try text(.digest, 128), what: try text(.what, 2_048) ?? "")
    }
}

/// One line of the audit trail.
package struct AuditEntry: Hashable, Sendable, Codable {
    /// When, by the store's clock.
    package let at: Instant
    /// The zone.
    package let zone: DomainName
    /// Who did it.
    package let owner: LeaseOwner
    /// What was recorded, by ``LedgerEvent/kind``; only events that are worth a line (``LedgerEvent/isAudited``).
    package let kind: String
    /// The note.
    package let note: AuditNote

    /// One line.
    package init(at: Instant, zone: DomainName, owner: LeaseOwner, kind: String, note: AuditNote) {
        self.at = at
        self.zone = zone
        self.owner = owner
        self.kind = kind
        self.note = note
    }
}
