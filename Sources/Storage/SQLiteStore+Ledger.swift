package import DNS
import GRDB
package import Planning
package import Ports

extension SQLiteStore: LedgerStore {
    package func acquire(_ zone: DomainName, by owner: LeaseOwner, for seconds: Int) async throws(Failure) -> Lease {
        let now = clock()
        let grace = self.grace
        return try await write { db in
            let key = LedgerRows.name(zone)
            var fencing: Int64 = 1
            if let row = try Row.fetchOne(db, sql: "SELECT * FROM lease WHERE zone = ?", arguments: [key]) {
                let until = Instant(seconds: row["until"])
                guard row["released"] || until + grace < now else { throw Self.busy(zone, row, now: now, grace: grace) }
                fencing = (row["fencing"] as Int64) + 1
            }
            let lease = Lease(zone: zone, fencing: fencing, owner: owner, until: now + seconds)
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO lease (zone, fencing, who, runner, command, since, until, released)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 0)
                    """,
                arguments: [key, fencing, owner.who, owner.runner, owner.command, now.seconds, lease.until.seconds])
            return lease
        }
    }

    package func renew(_ lease: Lease, for seconds: Int) async throws(Failure) -> Lease {
        let until = clock() + seconds
        return try await write { db in
            try Self.check(lease, in: db)
            try db.execute(
                sql: "UPDATE lease SET until = ? WHERE zone = ?",
                arguments: [until.seconds, LedgerRows.name(lease.zone)])
            return Lease(zone: lease.zone, fencing: lease.fencing, owner: lease.owner, until: until)
        }
    }

    package func release(_ lease: Lease) async throws(Failure) {
        try await write { db in
            try db.execute(
                sql: "UPDATE lease SET released = 1 WHERE zone = ? AND fencing = ?",
                arguments: [LedgerRows.name(lease.zone), lease.fencing])
        }
    }

    package func record(_ event: LedgerEvent, under lease: Lease, audit note: AuditNote) async throws(Failure) {
        let now = clock()
        try await write { db in
            try Self.check(lease, in: db)
            let before = try LedgerRows.ledger(of: lease.zone, in: db)
            try LedgerRows.save(before.recording(event, at: now), in: db)
            // What MX was seen is history of its own (mx_seen), not an act worth a line each run.
            if case .mxSeen = event { return }
            try db.execute(
                sql: """
                    INSERT INTO audit (at, zone, who, runner, command, kind, commit_id, digest, what)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    now.description, LedgerRows.name(lease.zone), lease.owner.who, lease.owner.runner,
                    lease.owner.command,
                    event.kind, note.commit, note.digest, note.what,
                ])
        }
    }

    /// A holder that was overtaken must not write (fencing).
    private static func check(_ lease: Lease, in db: Database) throws {
        let current = try Row.fetchOne(
            db, sql: "SELECT fencing, released FROM lease WHERE zone = ?", arguments: [LedgerRows.name(lease.zone)])
        guard let current, current["fencing"] == lease.fencing, !(current["released"] as Bool) else {
            throw Failure(.conflict, "the lease of \(lease.zone) was taken over by another run; plan again")
        }
    }

    private static func busy(_ zone: DomainName, _ row: Row, now: Instant, grace: Int) -> Failure {
        let since = Instant(seconds: row["since"])
        let until = Instant(seconds: row["until"]) + grace
        let who: String = row["who"]
        let runner: String = row["runner"]
        let command: String = row["command"]
        return Failure(
            .busy, retryable: true,
            "\(zone) is being changed by \(who) on \(runner) ('\(command)') since \(since); its lease ends at the latest at \(until)"
        )
    }
}

extension LedgerEvent {
    /// The bounded label of the audit trail.
    var kind: String {
        switch self {
        case .intent: "intent"
        case .outcome: "outcome"
        case .withdrawn: "withdrawn"
        case .converged: "converged"
        case .mxSeen: "mx-seen"
        }
    }
}
