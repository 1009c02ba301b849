package import DNS
import GRDB
package import Planning
package import Ports

extension SQLiteStore: LedgerStore {
    package func acquire(_ zone: DomainName, by owner: LeaseOwner, for seconds: Int) async throws(Failure) -> Lease {
        let now = clock()
        let grace = self.grace
        return try await write { db in
            let key = zone.key
            var fencing: Int64 = 1
            if let row = try Row.fetchOne(db, sql: "SELECT * FROM lease WHERE zone = ?", arguments: [key]) {
                let until = Instant(seconds: Int64(try row.integer("until")))
                guard try row.flag("released") || until + grace < now else { throw try Self.busy(zone, row, grace) }
                fencing = Int64(try row.integer("fencing")) + 1
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
                arguments: [until.seconds, lease.zone.key])
            return Lease(zone: lease.zone, fencing: lease.fencing, owner: lease.owner, until: until)
        }
    }

    package func release(_ lease: Lease) async throws(Failure) {
        try await write { db in
            try db.execute(
                sql: "UPDATE lease SET released = 1 WHERE zone = ? AND fencing = ?",
                arguments: [lease.zone.key, lease.fencing])
        }
    }

    package func record(_ event: LedgerEvent, under lease: Lease, audit note: AuditNote) async throws(Failure) {
        let now = clock()
        try await write { db in
            try Self.check(lease, in: db)
            let before = try LedgerRows.ledger(of: lease.zone, in: db)
            try LedgerSaving.save(before.recording(event, at: now), replacing: before, in: db)
            try BudgetRows.note(event, of: lease.zone, at: now, in: db)
            guard event.isAudited else { return }
            try AuditRows.add(event, at: now, under: lease, note, in: db)
        }
    }

    /// A holder that was overtaken must not write (fencing).
    static func check(_ lease: Lease, in db: Database) throws {
        let current = try Row.fetchOne(
            db, sql: "SELECT fencing, released FROM lease WHERE zone = ?", arguments: [lease.zone.key])
        guard let current, Int64(try current.integer("fencing")) == lease.fencing, try !current.flag("released") else {
            throw Failure(.conflict, "the lease of \(lease.zone) was taken over by another run; plan again")
        }
    }

    private static func busy(_ zone: DomainName, _ row: Row, _ grace: Int) throws -> Failure {
        let since = Instant(seconds: Int64(try row.integer("since")))
        let until = Instant(seconds: Int64(try row.integer("until"))) + grace
        let holder = LeaseOwner(
            who: try row.text("who"), runner: try row.text("runner"), command: try row.text("command"))
        return Failure(
            .busy, retryable: true,
            "\(zone) is being changed by \(holder.words) since \(since); its lease ends at the latest at \(until)")
    }
}
