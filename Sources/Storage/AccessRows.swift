import DNS
import GRDB
import Planning
import Ports

/// Tokens of the state API, what was done under them once, and the trail of their uses, as rows.
enum AccessRows {
    /// How many uses the trail keeps.
    private static let trail: Int64 = 100_000
    /// Seconds for which an answer is given again: far longer than a run asks anew for one that was lost.
    private static let answers = 7 * 86_400

    static func create(_ db: Database) throws {
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

    static func token(_ row: Row) throws -> AccessToken {
        let scope = try row.text("scope")
        guard let known = TokenScope(rawValue: scope) else { throw BrokenRow("'\(scope)' is no token's scope") }
        return AccessToken(
            id: try row.text("id"), name: try row.text("name"), scope: known, digest: try row.text("digest"),
            madeAt: try row.instant("made_at"), madeBy: try row.text("made_by"),
            revokedAt: try row.optionalInstant("revoked_at"))
    }

    static func save(_ token: AccessToken, in db: Database) throws {
        try db.execute(
            sql:
                "INSERT INTO token (id, name, scope, digest, made_at, made_by, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                token.id, token.name, token.scope.rawValue, token.digest, token.madeAt.description, token.madeBy,
                token.revokedAt?.description,
            ])
    }

    static func use(_ row: Row) throws -> TokenUse {
        var by: LeaseOwner?
        if let who = try row.optionalText("who") {
            by = LeaseOwner(who: who, runner: try row.text("runner"), command: try row.text("command"))
        }
        return TokenUse(
            at: try row.instant("at"), token: try row.text("token"), by: by, what: try row.text("what"),
            refusal: try row.optionalText("refusal"))
    }

    static func note(_ use: TokenUse, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO token_use (at, token, who, runner, command, what, refusal) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                use.at.description, use.token, use.by?.who, use.by?.runner, use.by?.command, use.what, use.refusal,
            ])
        try db.execute(sql: "DELETE FROM token_use WHERE n <= ?", arguments: [db.lastInsertedRowID - trail])
    }

    /// What was answered to `write` before.
    static func answer(to write: WriteOnce, in db: Database) throws -> String? {
        let row = try Row.fetchOne(
            db, sql: "SELECT digest, answer FROM write_once WHERE token = ? AND key = ?",
            arguments: [write.use.token, write.key])
        guard let row else { return nil }
        guard try row.text("digest") == write.digest else {
            throw Failure(
                .conflict,
                "this idempotency key was used for another request; nothing was done. Give each request a key of its own"
            )
        }
        return try row.text("answer")
    }

    /// In the write's own transaction: an effect without its key, or the other way round, is never there.
    static func keep(_ value: any Sendable, of write: WriteOnce, in db: Database) throws {
        let now = write.use.at.seconds
        try db.execute(
            sql: "INSERT INTO write_once (token, key, digest, answer, at) VALUES (?, ?, ?, ?, ?)",
            arguments: [write.use.token, write.key, write.digest, try write.answer(value), now])
        try db.execute(sql: "DELETE FROM write_once WHERE at < ?", arguments: [now - Int64(answers)])
        try note(write.use, in: db)
    }
}
