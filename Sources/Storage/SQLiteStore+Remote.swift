package import DNS
import GRDB
package import Planning
package import Ports

/// The store as runs elsewhere reach it through `certadns serve`.
extension SQLiteStore: StateKeeper {
    /// The write that the current task does once.
    @TaskLocal static var once: WriteOnce?

    package func ledgers(after zone: DomainName?, limit: Int) async throws(Failure) -> [ZoneLedger] {
        try await reader.read { try LedgerRows.page(after: zone, limit: limit, in: $0) }
    }

    package func answer(to write: WriteOnce) async throws(Failure) -> String? {
        try await reader.read { try AccessRows.answer(to: write, in: $0) }
    }

    package func once<Value: Sendable>(
        _ write: WriteOnce, _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await Self.$once.withValue(write) {
            do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// `body` in one transaction with the key that it is done under.
    static func keeping<Value: Sendable>(
        _ once: WriteOnce, _ body: (Database) throws -> Value, in db: Database
    ) throws -> Value {
        guard try AccessRows.answer(to: once, in: db) == nil else {
            throw Failure(
                .busy, retryable: true, "this request was just answered elsewhere; ask again with the same key")
        }
        if let lease = once.lease { try check(lease, in: db) }
        let value = try body(db)
        try AccessRows.keep(value, of: once, in: db)
        return value
    }
}

extension SQLiteStore: TokenStore {
    package func add(_ token: AccessToken) async throws(Failure) {
        try await write { db in
            let isTaken = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM token WHERE name = ? AND revoked_at IS NULL)",
                arguments: [token.name])
            guard isTaken == false else {
                throw Failure(
                    .conflict,
                    "there is a token called '\(token.name)' already; revoke it first, or choose another name")
            }
            try AccessRows.save(token, in: db)
        }
    }

    package func tokens() async throws(Failure) -> [AccessToken] {
        try await reader.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM token ORDER BY rowid DESC").map(AccessRows.token)
        }
    }

    package func token(_ id: String) async throws(Failure) -> AccessToken? {
        try await reader.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM token WHERE id = ?", arguments: [id]).map(AccessRows.token)
        }
    }

    package func revoke(_ nameOrID: String, at now: Instant) async throws(Failure) -> [AccessToken] {
        try await write { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM token WHERE (name = ? OR id = ?) AND revoked_at IS NULL",
                arguments: [nameOrID, nameOrID])
            var ended = try rows.map(AccessRows.token)
            for index in ended.indices {
                ended[index].revokedAt = now
                try db.execute(
                    sql: "UPDATE token SET revoked_at = ? WHERE id = ?", arguments: [now.description, ended[index].id])
            }
            return ended
        }
    }

    package func note(_ use: TokenUse) async throws(Failure) { try await write { try AccessRows.note(use, in: $0) } }

    package func uses(of id: String?, limit: Int) async throws(Failure) -> [TokenUse] {
        try await reader.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM token_use WHERE ?1 IS NULL OR token = ?1 ORDER BY n DESC LIMIT ?2",
                arguments: [id, max(0, limit)]
            ).map(AccessRows.use)
        }
    }
}

extension LedgerRows {
    /// Whoever has a ledger stands in one of these tables.
    static func page(after zone: DomainName?, limit: Int, in db: Database) throws -> [ZoneLedger] {
        let tables = ["zone", "published", "intent", "mx_seen", "issuance", "former_host"]
        let union = tables.map { "SELECT zone FROM \($0)" }.joined(separator: " UNION ")
        let names = try Row.fetchAll(db, sql: union).map { try $0.name("zone") }.sorted()
        let rest = zone.map { zone in names.filter { zone < $0 } } ?? names
        return try rest.prefix(max(0, limit)).map { try ledger(of: $0, in: db) }
    }
}
