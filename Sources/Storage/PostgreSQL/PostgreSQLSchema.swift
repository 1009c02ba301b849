import Ports

/// PostgreSQL's schema: one baseline, which equals SQLite's first thirteen steps, and then the same steps as SQLite's (``Schema/steps``).
///
/// Beside SQLite's tables there are `certadns_step` (the steps that were taken), `writer_mark` (each process's last transaction),
/// `served` (counts what a policy host may have to read anew) and `private_key` (sealed, where SQLite has files).
enum PostgreSQLSchema {
    /// Whether steps are missing.
    static func isOld(_ link: PostgreSQLLink, _ place: PostgreSQLPlace) throws -> Bool {
        let applied = try taken(link)
        try Schema.check(applied, store: "the store in \(place.words)", isOlderFine: true)
        return applied.count < Schema.names.count
    }

    /// Whether there is a store; throws where it is of another program's time.
    static func isReadable(_ link: PostgreSQLLink, _ place: PostgreSQLPlace) throws -> Bool {
        let applied = try taken(link)
        guard !applied.isEmpty else { return false }
        try Schema.check(applied, store: "the store in \(place.words)", isOlderFine: false)
        return true
    }

    /// In a transaction: of several processes that find it old the first makes it new, and the others find it so.
    static func migrate(_ link: PostgreSQLLink, _ place: PostgreSQLPlace) throws {
        // By the tables that are found; where there are none the schema may be yet to be made, so that its name is all there is to lock.
        _ = try link.rows(
            """
            SELECT pg_advisory_xact_lock(1667523170, coalesce(
            to_regclass('certadns_step')::oid::int4, hashtext(coalesce(?, current_schema(), '')))) AS lock
            """,
            [place.schema])
        if let schema = place.schema,
            try link.rows("SELECT 1 AS x FROM pg_namespace WHERE nspname = ?", [schema]).isEmpty
        {
            guard let making = try link.rows("SELECT format('CREATE SCHEMA %I', ?::text) AS sql", [schema]).first else {
                return
            }
            _ = try link.rows(try making.text("sql"))
        }
        let applied = try taken(link)
        try Schema.check(applied, store: "the store in \(place.words)", isOlderFine: true)
        if applied.isEmpty {
            for statement in PostgreSQLBaseline.statements { _ = try link.rows(statement) }
        }
        let later = Set(Schema.steps.map(\.name))
        for step in Schema.steps where !applied.contains(step.name) {
            for statement in step.statements(.postgreSQL) { _ = try link.rows(statement) }
        }
        for name in Schema.names where !applied.contains(name) && (applied.isEmpty || later.contains(name)) {
            _ = try link.rows("INSERT INTO certadns_step (name) VALUES (?)", [name])
        }
    }

    private static func taken(_ link: PostgreSQLLink) throws -> Set<String> {
        let found = try link.rows("SELECT to_regclass('certadns_step') IS NOT NULL AS found").first
        guard try found?.flag("found") == true else { return [] }
        return Set(try link.rows("SELECT name FROM certadns_step").map { try $0.text("name") })
    }
}
