import DNS
import GRDB
import Planning
import Ports

/// When each zone needs attention, kept beside the ledgers so that what is due is found without reading them.
enum DueRows {
    static func migrate(_ db: Database) throws {
        try db.create(table: "due") { t in
            t.primaryKey("zone", .text)
            t.column("at", .integer).notNull()
            t.column("expires", .integer).notNull()
        }
        try db.create(index: "due_at", on: "due", columns: ["at"])
        // At once: no CA was asked yet about a certificate from before this table, and each is looked at once anyway.
        try db.execute(
            sql: """
                INSERT INTO due (zone, at, expires)
                SELECT zone, 0, CAST(strftime('%s', json_extract(applied, '$.certificate.notAfter')) AS INTEGER) FROM zone
                WHERE strftime('%s', json_extract(applied, '$.certificate.notAfter')) IS NOT NULL
                AND json_array_length(applied, '$.host') > 0
                """)
    }

    static func save(_ ledger: ZoneLedger, in db: Database) throws {
        guard let need = ledger.attention else {
            return try db.execute(sql: "DELETE FROM due WHERE zone = ?", arguments: [ledger.zone.key])
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO due (zone, at, expires) VALUES (?, ?, ?)",
            arguments: [ledger.zone.key, need.at.seconds, need.expires.seconds])
    }

    static func due(at now: Instant, limit: Int, in db: Database) throws -> [DueZone] {
        try Row.fetchAll(
            db, sql: "SELECT zone, expires FROM due WHERE at <= ? ORDER BY expires, zone LIMIT ?",
            arguments: [now.seconds, max(0, limit)]
        ).map { DueZone(zone: try $0.name("zone"), expires: Instant(seconds: Int64(try $0.integer("expires")))) }
    }

    static func next(after now: Instant, in db: Database) throws -> Instant? {
        try Int64.fetchOne(db, sql: "SELECT MIN(at) FROM due WHERE at > ?", arguments: [now.seconds])
            .map(Instant.init(seconds:))
    }
}
