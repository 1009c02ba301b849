import DNS
import Planning
import Ports

/// The audit trail as rows: only ever added to.
enum AuditRows {
    static func add(
        _ event: LedgerEvent, at now: Instant, under lease: Lease, _ note: AuditNote, in db: any SQLConnection
    ) throws {
        try add(event.kind, of: lease.zone, at: now, by: lease.owner, note, in: db)
    }

    /// An act that is no event of a ledger.
    static func add(
        _ kind: String, of zone: DomainName, at now: Instant, by owner: LeaseOwner, _ note: AuditNote,
        in db: any SQLConnection
    ) throws {
        try db.run(
            """
            INSERT INTO audit (at, zone, who, runner, command, kind, commit_id, digest, what)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                now.description, zone.key, owner.who, owner.runner, owner.command, kind, note.commit, note.digest,
                note.what,
            ])
    }

    static func waitsEnded(after mark: Int64?, in db: any SQLConnection) throws -> EndedWaits {
        let end = try db.row("SELECT MAX(n) AS n FROM audit")?.optionalInteger("n") ?? 0
        guard let mark, mark < end else { return EndedWaits(zones: [], mark: end) }
        let rows = try db.rows("SELECT zone FROM audit WHERE n > ? AND kind = ?", [mark, IssuanceEvent.waitEndedKind])
        return EndedWaits(zones: Set(try rows.map { try $0.name("zone") }), mark: end)
    }

    static func newest(_ limit: Int, of zone: DomainName?, in db: any SQLConnection) throws -> [AuditEntry] {
        let rows =
            if let zone {
                try db.rows("SELECT * FROM audit WHERE zone = ? ORDER BY n DESC LIMIT ?", [zone.key, max(0, limit)])
            } else {
                try db.rows("SELECT * FROM audit ORDER BY n DESC LIMIT ?", [max(0, limit)])
            }
        return try rows.map(entry)
    }

    static func entry(_ row: any SQLRow) throws -> AuditEntry {
        AuditEntry(
            at: try row.instant("at"), zone: try row.name("zone"),
            owner: LeaseOwner(
                who: try row.text("who"), runner: try row.text("runner"), command: try row.text("command")),
            kind: try row.text("kind"),
            note: AuditNote(
                commit: try row.optionalText("commit_id"), digest: try row.optionalText("digest"),
                what: try row.text("what")))
    }
}
