import Planning
import Ports

/// What every connection is told first, and what a server must be.
enum PostgreSQLSession {
    /// The first version that is held to the conformance suite by its features; 15 is what the suite runs on.
    private static let leastVersion: Int64 = 130_000

    /// Sets the session's limits and looks at the server. A statement ends on the server before this side gives it up, so that what is
    /// given up was not done; who stops in the middle of a transaction loses it, and with it the lock that others wait for.
    static func prepare(_ link: PostgreSQLLink, _ place: PostgreSQLPlace) throws {
        let row = try link.rows(
            """
            SELECT set_config('statement_timeout', ?, false) AS a, set_config('lock_timeout', ?, false) AS b,
            set_config('idle_in_transaction_session_timeout', ?, false) AS c,
            set_config('search_path', coalesce(quote_ident(?), current_setting('search_path')), false) AS d,
            set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
            ELSE current_setting('synchronous_commit') END, false) AS e,
            pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding,
            current_setting('server_version_num')::bigint AS version
            """,
            [
                "\(place.patience * 2_000 / 3)ms", "\(place.patience * 1_000 / 3)ms", "\(place.patience * 500)ms",
                place.schema,
            ]
        ).first
        guard let row else { throw PostgreSQLError.lost("it did not answer its first question") }
        guard try row.integer("version") >= leastVersion else {
            throw Failure(.configuration, "\(place.words) is older than PostgreSQL 13; name a newer server")
        }
        guard try !row.flag("standby") else {
            throw Failure(
                .storage,
                "\(place.words) is a standby, which may lag behind and takes no writes; name the primary server under 'state: postgres'"
            )
        }
        guard try row.text("encoding") == "UTF8" else {
            throw Failure(
                .configuration, "\(place.words) is not encoded in UTF-8; make one by 'createdb --encoding=UTF8'")
        }
    }

    /// The one lock of all writers of a store, held to the end of the transaction: writes come one after the other, as in SQLite, and
    /// nobody waits for a process that is gone, since its connection's end frees it. Named by the table that is there: two roles may look for
    /// tables along different paths, and find the same.
    static let lock = "pg_advisory_xact_lock(1667523169, 'certadns_step'::regclass::oid::int4)"

    /// The server's clock, not that of the transaction's begin: who waited for the lock has waited.
    static let clock = "floor(extract(epoch FROM clock_timestamp()))::bigint"

    /// What each transaction asks first: the time, and how many steps of the schema were taken.
    static let beginning = "\(clock) AS now, (SELECT count(*) FROM certadns_step) AS steps"

    /// The server's time, of a row with ``beginning``. A process that outlived the schema it knows does nothing more with it.
    static func now(_ row: (any SQLRow)?, _ place: PostgreSQLPlace) throws -> Instant {
        guard let row else { throw PostgreSQLError.lost("it did not tell the time") }
        guard try row.integer("steps") <= Int64(Schema.names.count) else {
            throw Failure(
                .storage,
                "the store in \(place.words) was brought up to date by a newer CertaDNS; run that one here, too")
        }
        return try row.seconds("now")
    }
}
