import DNS
import Planning
import Ports

/// Tokens of the state API, what was done under them once, and the trail of their uses, as rows.
enum AccessRows {
    /// How many uses, and how many refusals, the trail keeps of one token: no token pushes out what another did, nor its own uses by
    /// what it is refused.
    private static let trail = (uses: 10_000, refusals: 1_000)
    /// Seconds for which an answer is given again: far longer than a run asks anew for one that was lost.
    private static let answers = 7 * 86_400

    static func token(_ row: any SQLRow) throws -> AccessToken {
        let scope = try row.text("scope")
        guard let known = TokenScope(rawValue: scope) else { throw BrokenRow("'\(scope)' is no token's scope") }
        return AccessToken(
            id: try row.text("id"), name: try row.text("name"), scope: known, digest: try row.text("digest"),
            madeAt: try row.instant("made_at"), madeBy: try row.text("made_by"),
            revokedAt: try row.optionalInstant("revoked_at"))
    }

    static func save(_ token: AccessToken, in db: any SQLConnection) throws {
        try db.run(
            "INSERT INTO token (id, name, scope, digest, made_at, made_by, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                token.id, token.name, token.scope.rawValue, token.digest, token.madeAt.description, token.madeBy,
                token.revokedAt?.description,
            ])
    }

    static func use(_ row: any SQLRow) throws -> TokenUse {
        var by: LeaseOwner?
        if let who = try row.optionalText("who") {
            by = LeaseOwner(who: who, runner: try row.text("runner"), command: try row.text("command"))
        }
        return TokenUse(
            at: try row.instant("at"), token: try row.text("token"), by: by, what: try row.text("what"),
            refusal: try row.optionalText("refusal"))
    }

    static func add(_ token: AccessToken, in db: any SQLConnection) throws {
        guard try !db.exists("SELECT 1 FROM token WHERE name = ? AND revoked_at IS NULL", [token.name]) else {
            throw Failure(
                .conflict, "there is a token called '\(token.name)' already; revoke it first, or choose another name")
        }
        try save(token, in: db)
    }

    static func uses(of id: String?, limit: Int, in db: any SQLConnection) throws -> [TokenUse] {
        let rows =
            if let id {
                try db.rows("SELECT * FROM token_use WHERE token = ? ORDER BY n DESC LIMIT ?", [id, limit])
            } else {
                try db.rows("SELECT * FROM token_use ORDER BY n DESC LIMIT ?", [limit])
            }
        return try rows.map(use)
    }

    static func note(_ use: TokenUse, in db: any SQLConnection) throws {
        try db.run(
            "INSERT INTO token_use (at, token, who, runner, command, what, refusal) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                use.at.description, use.token, use.by?.who, use.by?.runner, use.by?.command, use.what, use.refusal,
            ])
        // Every so often is enough: the trail is a little longer in between. A prime, so that no rhythm of requests passes it by.
        guard let last = try db.row("SELECT MAX(n) AS n FROM token_use")?.integer("n"), last % 31 == 0 else { return }
        let kind = use.refusal == nil ? "refusal IS NULL" : "refusal IS NOT NULL"
        try db.run(
            """
            DELETE FROM token_use WHERE token = ? AND \(kind) AND n <= (
                SELECT n FROM token_use WHERE token = ? AND \(kind) ORDER BY n DESC LIMIT 1 OFFSET ?)
            """,
            [use.token, use.token, use.refusal == nil ? trail.uses : trail.refusals])
    }

    /// A lease serves the token that took it alone: its number can be guessed.
    static func check(_ lease: Lease, of token: String, in db: any SQLConnection) throws {
        let row = try db.row("SELECT fencing, token FROM lease WHERE zone = ?", [lease.zone.key])
        // One that was taken over the store itself refuses, with its own words.
        guard let row, try row.integer("fencing") == lease.fencing else { return }
        guard try row.optionalText("token") == token else {
            throw Failure(
                .conflict, "the lease of \(lease.zone) was taken by another run, not under this token; plan again")
        }
    }

    static func bind(_ lease: Lease, to token: String, in db: any SQLConnection) throws {
        try db.run(
            "UPDATE lease SET token = ? WHERE zone = ? AND fencing = ?", [token, lease.zone.key, lease.fencing])
    }

    /// What was answered to `write` before.
    static func answer(to write: WriteOnce, in db: any SQLConnection) throws -> String? {
        let row = try db.row(
            "SELECT digest, answer FROM write_once WHERE token = ? AND key = ?", [write.use.token, write.key])
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
    static func keep(_ value: any Sendable, of write: WriteOnce, in db: any SQLConnection) throws {
        let now = write.use.at.seconds
        try db.run(
            "INSERT INTO write_once (token, key, digest, answer, at) VALUES (?, ?, ?, ?, ?)",
            [write.use.token, write.key, write.digest, try write.answer(value), now])
        try db.run("DELETE FROM write_once WHERE at < ?", [now - Int64(answers)])
        try note(write.use, in: db)
    }
}
