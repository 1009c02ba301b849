import GRDB
import Ports

/// The ledger's schema, which is append-only: a step that was released is never edited.
///
/// Steps 1 to 13 are SQLite's alone (``SQLiteHistory``). A new step is added to ``steps``, once, for both databases.
enum Schema {
    /// A step after the 13th.
    struct Step: Sendable {
        /// Its number and a few words; a database keeps the names of its steps.
        let name: String
        /// What it does, in the words of the given database. Columns are `text`, `bigint` or `boolean`, which both understand.
        let statements: @Sendable (SQLDialect) -> [String]
    }

    /// The steps after the 13th, oldest first.
    static let steps: [Step] = [
        Step(name: "14 where wishes come from") { _ in ["ALTER TABLE zone ADD COLUMN source text"] },
        // By which token of the state API a lease was taken; none for those of this machine.
        Step(name: "15 leases of tokens") { _ in ["ALTER TABLE lease ADD COLUMN token text"] },
        Step(name: "16 unwatched") { _ in ["ALTER TABLE zone ADD COLUMN unwatched_since text"] },
        Step(name: "17 steering") { _ in ["ALTER TABLE zone ADD COLUMN steering text"] },
    ]

    /// The names of all steps that this program knows, oldest first.
    static let names = migrator.migrations

    /// What brings an SQLite database up to date.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 ledger", migrate: SQLiteHistory.ledger)
        migrator.registerMigration("2 policy host", migrate: SQLiteHistory.host)
        migrator.registerMigration("3 intents with what they write") { db in
            try db.alter(table: "intent") { $0.add(column: "writing", .text).notNull().defaults(to: "[]") }
        }
        migrator.registerMigration("4 issuance", migrate: SQLiteHistory.issuance)
        migrator.registerMigration("5 budget", migrate: SQLiteHistory.budget)
        migrator.registerMigration("6 former hosts") { db in
            try db.create(table: "former_host") { t in
                t.column("zone", .text).notNull()
                t.column("place", .text).notNull()
                t.column("until", .text).notNull()
                t.primaryKey(["zone", "place"])
            }
        }
        migrator.registerMigration("7 due", migrate: SQLiteHistory.due)
        migrator.registerMigration("8 accounts", migrate: SQLiteHistory.accounts)
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
        migrator.registerMigration("13 state API", migrate: SQLiteHistory.access)
        for step in steps {
            migrator.registerMigration(step.name) { db in
                for statement in step.statements(.sqlite) { try db.execute(sql: statement) }
            }
        }
        return migrator
    }

    /// A database of a later program may mean what we do not understand; a reader can't bring an older one up to date.
    static func check(_ db: Database, path: String, isOlderFine: Bool) throws {
        let applied =
            try db.tableExists("grdb_migrations")
            ? String.fetchSet(db, sql: "SELECT identifier FROM grdb_migrations") : []
        try check(applied, store: "the store '\(path)'", isOlderFine: isOlderFine)
    }

    /// What the steps that were `applied` say of a store.
    static func check(_ applied: Set<String>, store: String, isOlderFine: Bool) throws(Failure) {
        guard applied.isSubset(of: names) else {
            throw Failure(
                .storage, "\(store) was made by a newer CertaDNS; use that one, or restore an older backup")
        }
        guard applied.count == names.count || isOlderFine else {
            throw Failure(
                .storage,
                applied.isEmpty
                    ? "\(store) holds no ledger: its making was cut short, or its contents are lost; restore it from a backup, or run 'certadns apply' to begin anew"
                    : "\(store) was made by an older CertaDNS; run 'certadns apply' or 'certadns serve' once to bring it up to date"
            )
        }
    }
}
