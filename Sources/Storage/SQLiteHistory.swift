import GRDB

/// The first thirteen steps of SQLite's schema, as they were released: never edited. Later ones stand in ``Schema/steps``.
enum SQLiteHistory {
    static func ledger(_ db: Database) throws {
        try db.create(table: "zone") { t in
            t.primaryKey("zone", .text)
            t.column("applied", .text).notNull()
            t.column("desired", .text)
            t.column("digest", .text)
            t.column("commit_id", .text)
            t.column("applied_at", .text)
            t.column("protect", .boolean).notNull().defaults(to: false)
            t.column("adopted", .boolean).notNull().defaults(to: false)
            t.column("suspended", .text)
        }
        try db.create(table: "published") { t in
            t.column("zone", .text).notNull()
            t.column("id", .text).notNull()
            t.column("n", .integer).notNull()
            t.column("body_digest", .text).notNull()
            t.column("mode", .text).notNull()
            t.column("patterns", .text).notNull()
            t.column("max_age", .integer).notNull()
            t.column("largest_ttl", .integer).notNull()
            t.column("intent_at", .text).notNull()
            t.column("announced_at", .text)
            t.column("replaced_at", .text)
            t.primaryKey(["zone", "id"])
        }
        try db.create(table: "intent") { t in
            t.column("zone", .text).notNull()
            t.column("step", .text).notNull()
            t.column("resource", .text).notNull()
            t.column("at", .text).notNull()
            t.primaryKey(["zone", "step"])
        }
        try db.create(table: "mx_seen") { t in
            t.column("zone", .text).notNull()
            t.column("host", .text).notNull()
            t.column("first", .text).notNull()
            t.column("last", .text).notNull()
            t.primaryKey(["zone", "host"])
        }
        // "change_count" is filled by limits over a day.
        try db.create(table: "order") { t in
            t.column("zone", .text).notNull()
            t.primaryKey("url", .text)
            t.column("key_reference", .text)
            t.column("state", .text).notNull()
        }
        try db.create(table: "challenge") { t in
            t.column("zone", .text).notNull()
            t.column("name", .text).notNull()
            t.column("value", .text).notNull()
            t.primaryKey(["name", "value"])
        }
        try db.create(table: "change_count") { t in
            t.column("kind", .text).notNull()
            t.column("zone", .text).notNull()
            t.column("at", .text).notNull()
        }
        try db.create(table: "lease") { t in
            t.primaryKey("zone", .text)
            t.column("fencing", .integer).notNull()
            t.column("who", .text).notNull()
            t.column("runner", .text).notNull()
            t.column("command", .text).notNull()
            t.column("since", .integer).notNull()
            t.column("until", .integer).notNull()
            t.column("released", .boolean).notNull()
        }
        try db.create(table: "audit") { t in
            t.autoIncrementedPrimaryKey("n")
            t.column("at", .text).notNull()
            t.column("zone", .text).notNull()
            t.column("who", .text).notNull()
            t.column("runner", .text).notNull()
            t.column("command", .text).notNull()
            t.column("kind", .text).notNull()
            t.column("commit_id", .text)
            t.column("digest", .text)
            t.column("what", .text).notNull()
        }
        try db.create(index: "audit_zone", on: "audit", columns: ["zone", "n"])
    }

    /// An order, its proofs and its wait change together, and nobody looks for one apart from its zone.
    static func issuance(_ db: Database) throws {
        try db.drop(table: "order")
        try db.drop(table: "challenge")
        try db.create(table: "issuance") { t in
            t.primaryKey("zone", .text)
            t.column("state", .text).notNull()
        }
        try db.create(table: "http_token") { t in
            t.column("host", .text).notNull()
            t.column("token", .text).notNull()
            t.column("answer", .text).notNull()
            t.primaryKey(["host", "token"])
        }
    }

    static func host(_ db: Database) throws {
        try db.create(table: "policy") { t in
            t.primaryKey("zone", .text)
            t.column("id", .text).notNull()
            t.column("body", .text).notNull()
        }
        try db.create(table: "certificate") { t in
            t.primaryKey("host", .text)
            t.column("facts", .text).notNull()
            t.column("chain", .text).notNull()
        }
    }

    static func budget(_ db: Database) throws {
        try db.create(table: "budget") { t in
            t.autoIncrementedPrimaryKey("n")
            t.column("issuer", .text).notNull()
            t.column("kind", .text).notNull()
            t.column("at", .integer).notNull()
            t.column("zone", .text).notNull()
            t.column("host", .text).notNull()
            t.column("registered", .text).notNull()
            t.column("settled", .boolean).notNull()
        }
        try db.create(index: "budget_window", on: "budget", columns: ["issuer", "kind", "at"])
        try db.create(index: "budget_zone", on: "budget", columns: ["zone"])
        try db.create(table: "issuer_hold") { t in
            t.primaryKey("issuer", .text)
            t.column("until", .integer).notNull()
            t.column("reason", .text).notNull()
        }
    }

    static func due(_ db: Database) throws {
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

    static func accounts(_ db: Database) throws {
        try db.create(table: "account") { t in
            t.primaryKey("directory", .text)
            t.column("url", .text).notNull()
        }
    }

    static func access(_ db: Database) throws {
        try db.create(table: "token") { t in
            t.primaryKey("id", .text)
            t.column("name", .text).notNull()
            t.column("scope", .text).notNull()
            t.column("digest", .text).notNull()
            t.column("made_at", .text).notNull()
            t.column("made_by", .text).notNull()
            t.column("revoked_at", .text)
        }
        try db.create(table: "token_use") { t in
            t.autoIncrementedPrimaryKey("n")
            t.column("at", .text).notNull()
            t.column("token", .text).notNull()
            t.column("who", .text)
            t.column("runner", .text)
            t.column("command", .text)
            t.column("what", .text).notNull()
            t.column("refusal", .text)
        }
        try db.create(index: "token_use_token", on: "token_use", columns: ["token", "n"])
        try db.create(table: "write_once") { t in
            t.column("token", .text).notNull()
            t.column("key", .text).notNull()
            t.column("digest", .text).notNull()
            t.column("answer", .text).notNull()
            t.column("at", .integer).notNull()
            t.primaryKey(["token", "key"])
        }
        try db.create(index: "write_once_at", on: "write_once", columns: ["at"])
    }
}
