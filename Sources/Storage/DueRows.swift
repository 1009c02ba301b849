import DNS
import Planning
import Ports

/// When each zone needs attention, kept beside the ledgers so that what is due is found without reading them.
enum DueRows {
    static func save(_ ledger: ZoneLedger, in db: any SQLConnection) throws {
        guard let need = ledger.attention else {
            return try db.run("DELETE FROM due WHERE zone = ?", [ledger.zone.key])
        }
        try db.run(
            """
            INSERT INTO due (zone, at, expires) VALUES (?, ?, ?)
            ON CONFLICT (zone) DO UPDATE SET at = excluded.at, expires = excluded.expires
            """, [ledger.zone.key, need.at.seconds, need.expires.seconds])
    }

    static func due(at now: Instant, limit: Int, in db: any SQLConnection) throws -> [DueZone] {
        try db.rows(
            "SELECT zone, expires FROM due WHERE at <= ? ORDER BY expires, zone LIMIT ?", [now.seconds, max(0, limit)]
        ).map { DueZone(zone: try $0.name("zone"), expires: try $0.seconds("expires")) }
    }

    static func next(after now: Instant, in db: any SQLConnection) throws -> Instant? {
        try db.row("SELECT MIN(at) AS at FROM due WHERE at > ?", [now.seconds])?.optionalInteger("at")
            .map(Instant.init(seconds:))
    }
}
