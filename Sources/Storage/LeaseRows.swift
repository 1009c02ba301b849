import DNS
import Planning
import Ports

/// Leases as rows, one a zone, which stays when it is given back: its fencing number only grows.
enum LeaseRows {
    static func acquire(
        _ zone: DomainName, by owner: LeaseOwner, for seconds: Int, grace: Int, in db: any SQLConnection
    ) throws -> Lease {
        var fencing: Int64 = 1
        if let row = try db.row("SELECT * FROM lease WHERE zone = ?", [zone.key]) {
            let isOver = try row.seconds("until") + grace < db.now
            guard try row.flag("released") || isOver else { throw try busy(zone, row, grace) }
            fencing = try row.integer("fencing") + 1
        }
        let lease = Lease(zone: zone, fencing: fencing, owner: owner, until: db.now + seconds)
        try db.run(
            """
            INSERT INTO lease (zone, fencing, who, runner, command, since, until, released, token)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)
            ON CONFLICT (zone) DO UPDATE SET fencing = excluded.fencing, who = excluded.who, runner = excluded.runner,
            command = excluded.command, since = excluded.since, until = excluded.until, released = excluded.released,
            token = excluded.token
            """,
            [
                zone.key, fencing, owner.who, owner.runner, owner.command, db.now.seconds, lease.until.seconds, false,
            ])
        return lease
    }

    static func renew(_ lease: Lease, for seconds: Int, in db: any SQLConnection) throws -> Lease {
        try check(lease, in: db)
        let until = db.now + seconds
        try db.run("UPDATE lease SET until = ? WHERE zone = ?", [until.seconds, lease.zone.key])
        return Lease(zone: lease.zone, fencing: lease.fencing, owner: lease.owner, until: until)
    }

    static func release(_ lease: Lease, in db: any SQLConnection) throws {
        try db.run(
            "UPDATE lease SET released = ? WHERE zone = ? AND fencing = ?", [true, lease.zone.key, lease.fencing])
    }

    /// A holder that was overtaken must not write (fencing).
    static func check(_ lease: Lease, in db: any SQLConnection) throws {
        let current = try db.row("SELECT fencing, released FROM lease WHERE zone = ?", [lease.zone.key])
        guard let current, try current.integer("fencing") == lease.fencing, try !current.flag("released") else {
            throw Failure(.conflict, "the lease of \(lease.zone) was taken over by another run; plan again")
        }
    }

    /// ``LeaseBreaker/breakLease(of:by:)``.
    static func end(
        _ zone: DomainName, by owner: LeaseOwner, grace: Int, in db: any SQLConnection
    ) throws -> BrokenLease? {
        guard let held = try holder(of: zone, grace: grace, in: db) else { return nil }
        let end = min(db.now, held.freeAt + -grace)
        try db.run(
            "UPDATE lease SET fencing = fencing + 1, until = ? WHERE zone = ?", [end.seconds, zone.key])
        try AuditRows.add(
            "lease-broken", of: zone, at: db.now, by: owner,
            AuditNote(commit: nil, digest: nil, what: "ended by force the lease of \(held.owner.words)"), in: db)
        return BrokenLease(owner: held.owner, since: held.since, freeAt: end + grace)
    }

    static func holder(of zone: DomainName, grace: Int, in db: any SQLConnection) throws -> BrokenLease? {
        guard let row = try db.row("SELECT * FROM lease WHERE zone = ?", [zone.key]), try !row.flag("released")
        else { return nil }
        let free = try row.seconds("until") + grace
        guard db.now <= free else { return nil }
        return BrokenLease(owner: try owner(row), since: try row.seconds("since"), freeAt: free)
    }

    private static func owner(_ row: any SQLRow) throws -> LeaseOwner {
        LeaseOwner(who: try row.text("who"), runner: try row.text("runner"), command: try row.text("command"))
    }

    private static func busy(_ zone: DomainName, _ row: any SQLRow, _ grace: Int) throws -> Failure {
        let until = try row.seconds("until") + grace
        return Failure(
            .busy, retryable: true,
            "\(zone) is being changed by \(try owner(row).words) since \(try row.seconds("since")); its lease ends at the latest at \(until)"
        )
    }
}
