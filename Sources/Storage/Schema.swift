import GRDB
import Ports

/// The ledger's schema. Migrations are append-only: one that was released is never edited.
enum Schema {
    /// What the newest migration makes of the database.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 ledger", migrate: ledger)
        migrator.registerMigration("2 policy host", migrate: host)
        migrator.registerMigration("3 intents with what they write") { db in
            try db.alter(table: "intent") { $0.add(column: "writing", .text).notNull().defaults(to: "[]") }
        }
        migrator.registerMigration("4 issuance", migrate: issuance)
        migrator.registerMigration("5 budget", migrate: BudgetRows.create)
        migrator.registerMigration("6 former hosts") { db in
            try db.create(table: "former_host") { t in
                t.column("zone", .text).notNull()
                t.column("place", .text).notNull()
                t.column("until", .text).notNull()
                t.primaryKey(["zone", "place"])
            }
        }
        migrator.registerMigration("7 due", migrate: DueRows.migrate)
        migrator.registerMigration("8 accounts", migrate: AccountRows.create)
        // Whether a former key is still in use is asked at every renewal.
        migrator.registerMigration("9 certificates by fingerprint") { db in
            try db.execute(
                sql: "CREATE INDEX certificate_fingerprint ON certificate (json_extract(facts, '$.fingerprint'))")
        }
        migrator.registerMigration("10 withdrawals") { db in
            try db.alter(table: "zone") { $0.add(column: "withdrawn_at", .text) }
        }
        migrator.registerMigration("11 replaced on every server") { db in
            try db.alter(table: "published") { $0.add(column: "superseded_at", .text) }
            try db.execute(sql: "UPDATE published SET superseded_at = replaced_at")
            try db.alter(table: "zone") { $0.add(column: "replacement_look", .text) }
        }
        migrator.registerMigration("12 mail hosts that left") { db in
            try db.alter(table: "mx_seen") { $0.add(column: "left", .text) }
        }
        migrator.registerMigration("13 state API", migrate: AccessRows.create)
        // By which token of the state API a lease was taken; none for those of this machine.
        migrator.registerMigration("15 leases of tokens") { db in
            try db.alter(table: "lease") { $0.add(column: "token", .text) }
        }
        return migrator
    }

    /// The names of all migrations that this program knows.
    static let known = Set(migrator.migrations)

    /// A database of a later program may mean what we do not understand; a reader can't bring an older one up to date.
    static func check(_ db: Database, path: String, isOlderFine: Bool) throws {
        let applied =
            try db.tableExists("grdb_migrations")
            ? String.fetchSet(db, sql: "SELECT identifier FROM grdb_migrations") : []
        guard applied.isSubset(of: known) else {
            throw Failure(
                .storage, "the store '\(path)' was made by a newer CertaDNS; use that one, or restore an older backup")
        }
        guard applied == known || isOlderFine else {
            throw Failure(
                .storage,
                applied.isEmpty
                    ? "the store '\(path)' holds no ledger: its making was cut short, or its contents are lost; restore it from a backup, or run 'certadns apply' to begin anew"
                    : "the store '\(path)' was made by an older CertaDNS; run 'certadns apply' or 'certadns serve' once to bring it up to date"
            )
        }
    }

    private static func ledger(_ db: Database) throws {
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
    private static func issuance(_ db: Database) throws {
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

    private static func host(_ db: Database) throws {
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
}
