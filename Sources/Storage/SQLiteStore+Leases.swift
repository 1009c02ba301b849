package import DNS
import GRDB
import Planning
package import Ports

extension SQLiteStore: LeaseBreaker {
    package func holder(of zone: DomainName) async throws(Failure) -> BrokenLease? {
        let now = clock()
        let grace = self.grace
        return try await write { try Self.holder(of: zone, at: now, grace, in: $0) }
    }

    package func breakLease(of zone: DomainName, by owner: LeaseOwner) async throws(Failure) -> BrokenLease? {
        let now = clock()
        let grace = self.grace
        return try await write { (db) -> BrokenLease? in
            guard let held = try Self.holder(of: zone, at: now, grace, in: db) else { return nil }
            let end = min(now, held.freeAt + -grace)
            try db.execute(
                sql: "UPDATE lease SET fencing = fencing + 1, until = ? WHERE zone = ?",
                arguments: [end.seconds, zone.key])
            try AuditRows.add(
                "lease-broken", of: zone, at: now, by: owner,
                AuditNote(commit: nil, digest: nil, what: "ended by force the lease of \(held.owner.words)"), in: db)
            return BrokenLease(owner: held.owner, since: held.since, freeAt: end + grace)
        }
    }

    private static func holder(
        of zone: DomainName, at now: Instant, _ grace: Int, in db: Database
    ) throws -> BrokenLease? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM lease WHERE zone = ?", arguments: [zone.key]),
            try !row.flag("released")
        else { return nil }
        let free = Instant(seconds: Int64(try row.integer("until"))) + grace
        guard now <= free else { return nil }
        let owner = LeaseOwner(
            who: try row.text("who"), runner: try row.text("runner"), command: try row.text("command"))
        return BrokenLease(owner: owner, since: Instant(seconds: Int64(try row.integer("since"))), freeAt: free)
    }
}
