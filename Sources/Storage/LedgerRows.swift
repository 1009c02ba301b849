import DNS
import Foundation
import GRDB
import MTASTS
import Planning
import Ports

/// Reads and writes one zone's ledger as rows.
enum LedgerRows {
    static func ledger(of zone: DomainName, in db: Database) throws -> ZoneLedger {
        var ledger = ZoneLedger(zone: zone)
        let key = name(zone)
        if let row = try Row.fetchOne(db, sql: "SELECT * FROM zone WHERE zone = ?", arguments: [key]) {
            ledger.applied = try decode(Publication.self, row["applied"])
            if let desired: String = row["desired"], let at = Instant(row["applied_at"] ?? "") {
                ledger.desired = AppliedDesire(
                    zone: try decode(DesiredZone.self, desired), digest: row["digest"] ?? "", commit: row["commit_id"],
                    at: at)
            }
        }
        ledger.published = try Row.fetchAll(
            db, sql: "SELECT * FROM published WHERE zone = ? ORDER BY n, intent_at, id", arguments: [key]
        ).map(published)
        ledger.intents = try Row.fetchAll(
            db, sql: "SELECT * FROM intent WHERE zone = ? ORDER BY at, step", arguments: [key]
        ).map { row in
            guard let resource = Resource(rawValue: row["resource"]) else { throw broken("intent") }
            return Intent(step: row["step"], resource: resource, at: try instant(row["at"]))
        }
        ledger.mxSeen = try Row.fetchAll(
            db, sql: "SELECT * FROM mx_seen WHERE zone = ? ORDER BY first, host", arguments: [key]
        ).map { row in
            MXSeen(
                host: try DomainName(row["host"] as String), first: try instant(row["first"]),
                last: try instant(row["last"]))
        }
        return ledger
    }

    static func save(_ ledger: ZoneLedger, in db: Database) throws {
        let key = name(ledger.zone)
        try db.execute(
            sql: """
                INSERT INTO zone (zone, applied, desired, digest, commit_id, applied_at, adopted) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (zone) DO UPDATE SET applied = excluded.applied, desired = excluded.desired,
                digest = excluded.digest, commit_id = excluded.commit_id, applied_at = excluded.applied_at,
                adopted = excluded.adopted
                """,
            arguments: [
                key, try encode(ledger.applied), try ledger.desired.map { try encode($0.zone) }, ledger.desired?.digest,
                ledger.desired?.commit, ledger.desired?.at.description, ledger.desired?.zone.adopt ?? false,
            ])
        for row in ledger.published { try save(row, of: key, in: db) }
        try db.execute(sql: "DELETE FROM intent WHERE zone = ?", arguments: [key])
        for intent in ledger.intents {
            try db.execute(
                sql: "INSERT INTO intent (zone, step, resource, at) VALUES (?, ?, ?, ?)",
                arguments: [key, intent.step, intent.resource.rawValue, intent.at.description])
        }
        for seen in ledger.mxSeen {
            try db.execute(
                sql: "INSERT OR REPLACE INTO mx_seen (zone, host, first, last) VALUES (?, ?, ?, ?)",
                arguments: [key, name(seen.host), seen.first.description, seen.last.description])
        }
    }

    private static func save(_ row: PublishedPolicy, of zone: String, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO published
                (zone, id, n, body_digest, mode, patterns, max_age, largest_ttl, intent_at, announced_at, replaced_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                zone, row.id.text, row.counter, row.bodyDigest, row.mode.rawValue, try encode(row.mx),
                row.maxAge.seconds,
                Int(row.largestTTL), row.intentAt.description, row.announcedAt?.description,
                row.replacedAt?.description,
            ])
    }

    private static func published(_ row: Row) throws -> PublishedPolicy {
        guard let id = PolicyID(row["id"]), let mode = Mode(rawValue: row["mode"]),
            let age = MaxAge(seconds: row["max_age"])
        else { throw broken("published") }
        return PublishedPolicy(
            id: id, counter: row["n"], bodyDigest: row["body_digest"], mode: mode,
            mx: try decode([MXPattern].self, row["patterns"]), maxAge: age,
            largestTTL: UInt32(row["largest_ttl"] as Int),
            intentAt: try instant(row["intent_at"]), announcedAt: try optionalInstant(row["announced_at"]),
            replacedAt: try optionalInstant(row["replaced_at"]))
    }

    /// Zones are keyed in lower case: DNS does not tell cases apart, SQLite does.
    static func name(_ zone: DomainName) -> String { zone.lowercased.description }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private static func instant(_ text: String) throws -> Instant {
        guard let instant = Instant(text) else { throw broken("time") }
        return instant
    }

    private static func optionalInstant(_ text: String?) throws -> Instant? { try text.map(instant) }

    private static func broken(_ what: String) -> Failure {
        Failure(.storage, "a row of the ledger is damaged (\(what)); restore the state folder from a backup")
    }
}
