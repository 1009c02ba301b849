import Foundation
import Planning
import Ports

/// A PostgreSQL database over a few connections: one for this process's writes, which come one after the other anyway, and some for
/// reading. Each reconnects by itself at the next call.
final class PostgreSQLDatabase: Sendable {
    let place: PostgreSQLPlace
    private let writer: PostgreSQLLane
    private let readers: [PostgreSQLLane]
    /// This process's row of marks.
    private let identity = UUID().uuidString
    /// What the server's time is taken for.
    private let clock: @Sendable (Instant) -> Instant

    init(_ place: PostgreSQLPlace, readers: Int = 3, clock: @escaping @Sendable (Instant) -> Instant = { $0 }) {
        self.place = place
        self.clock = clock
        writer = PostgreSQLLane(place, 0)
        self.readers = (1...max(1, readers)).map { PostgreSQLLane(place, $0) }
    }

    /// Runs `body` on one state of the database.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        let lane = readers.min { $0.load < $1.load } ?? writer
        do {
            return try await lane.run { [clock, place] lane in
                try lane.perform { link in
                    try Self.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY", on: link) {
                        let row = try link.rows("SELECT \(PostgreSQLSession.beginning)").first
                        let value = try body(
                            PostgreSQLConnection(link: link, now: clock(try PostgreSQLSession.now(row, place))))
                        try link.commit()
                        return value
                    }
                }
            }
        } catch { throw .store(error, place) }
    }

    /// Runs `body` in one durable transaction: no other of this store's writers, here or elsewhere, is at it meanwhile.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        do {
            return try await writer.run { [identity, place, clock] lane in
                // Not a counter: each attempt has a mark of its own.
                let mark = Int64.random(in: .min ... .max)
                do {
                    return try lane.perform { link in
                        try Self.transaction("ISOLATION LEVEL READ COMMITTED READ WRITE", on: link) {
                            let now = try Self.mark(mark, of: identity, on: link, place)
                            let value = try body(PostgreSQLConnection(link: link, now: clock(now)))
                            try Self.commit(link, value)
                            return value
                        }
                    }
                } catch let lost as CommitLost<Value> {
                    guard
                        let isThere = Self.wasWritten(
                            mark, of: identity, by: lane, for: .seconds(place.patience * 2 / 3))
                    else {
                        throw Failure.unknownEnd(lost.words, place)
                    }
                    guard isThere else { throw PostgreSQLError.lost(lost.words) }
                    return lost.value
                }
            }
        } catch { throw .store(error, place) }
    }

    /// Brings the schema up to date, or makes it.
    func migrate() async throws(Failure) {
        do {
            try await writer.run { [place] lane in
                try lane.perform { link in
                    guard try PostgreSQLSchema.isOld(link, place) else { return }
                    try Self.transaction("ISOLATION LEVEL READ COMMITTED READ WRITE", on: link) {
                        try PostgreSQLSchema.migrate(link, place)
                        try link.commit()
                    }
                }
            }
        } catch { throw .store(error, place) }
    }

    /// Whether there is a store to be read; throws where there is one of another program's time.
    func isThere() async throws(Failure) -> Bool {
        do {
            return try await (readers.first ?? writer).run { [place] lane in
                try lane.perform { link in try PostgreSQLSchema.isReadable(link, place) }
            }
        } catch { throw .store(error, place) }
    }

    /// Lets the connections go.
    func close() {
        for lane in readers + [writer] { lane.close() }
    }
}

/// Transactions, on a lane's thread.
extension PostgreSQLDatabase {
    /// A commit was sent, and its answer did not come. The value is what it would have given.
    private struct CommitLost<Value: Sendable>: Error {
        let value: Value
        let words: String
    }

    private static func transaction<Value>(
        _ mode: String, on link: PostgreSQLLink, _ body: () throws -> Value
    ) throws -> Value {
        _ = try link.rows("BEGIN \(mode)")
        do { return try body() } catch {
            // Where even that fails the connection is gone, and with it the transaction; the lane learns it at the next statement.
            _ = try? link.rows("ROLLBACK")
            throw error
        }
    }

    /// Takes the writers' lock, and leaves a mark that is there if, and only if, this transaction was committed.
    private static func mark(
        _ mark: Int64, of identity: String, on link: PostgreSQLLink, _ place: PostgreSQLPlace
    ) throws -> Instant {
        let row = try link.rows(
            """
            WITH mark AS (
            INSERT INTO writer_mark (id, n, at) VALUES (?, ?, \(PostgreSQLSession.clock))
            ON CONFLICT (id) DO UPDATE SET n = excluded.n, at = excluded.at RETURNING n)
            SELECT \(PostgreSQLSession.lock) AS lock, \(PostgreSQLSession.beginning) FROM mark
            """, [identity, mark]
        ).first
        let now = try PostgreSQLSession.now(row, place)
        // Now and then what processes that are gone left: no commit is asked about for so long.
        if mark % 256 == 0 {
            _ = try link.rows("DELETE FROM writer_mark WHERE at < ?", [now.seconds - 7 * 86_400])
        }
        return now
    }

    private static func commit<Value: Sendable>(_ link: PostgreSQLLink, _ value: Value) throws {
        do { try link.commit() } catch let error as PostgreSQLError where error.isLost {
            throw CommitLost(value: value, words: error.words)
        }
    }

    /// Whether the transaction that left `mark` was committed; `nil` where nobody can tell within this time. Asked under the writers'
    /// lock: a server that has yet to end that transaction keeps us waiting.
    private static func wasWritten(_ mark: Int64, of identity: String, by lane: PostgreSQLLane, for time: Duration)
        -> Bool?
    {
        let end = ContinuousClock.now + time
        repeat {
            do {
                let link = try lane.renew()
                return try transaction("ISOLATION LEVEL READ COMMITTED READ WRITE", on: link) {
                    _ = try link.rows("SELECT \(PostgreSQLSession.lock) AS lock")
                    let row = try link.rows("SELECT n FROM writer_mark WHERE id = ?", [identity]).first
                    let found = try row?.integer("n")
                    try link.commit()
                    return found == mark
                }
            } catch {
                // On the lane's own thread, which has nothing else to do: nobody tells when a server is back.
                Thread.sleep(forTimeInterval: 0.2)
            }
        } while ContinuousClock.now < end
        return nil
    }
}

/// A transaction of PostgreSQL.
struct PostgreSQLConnection: SQLConnection {
    let link: PostgreSQLLink
    let now: Instant

    var dialect: SQLDialect { .postgreSQL }

    func run(_ sql: String, _ values: [any SQLValue]) throws { _ = try link.rows(sql, values) }

    func rows(_ sql: String, _ values: [any SQLValue]) throws -> [any SQLRow] { try link.rows(sql, values) }

    func each(_ sql: String, _ body: (any SQLRow) throws -> Void) throws { try link.each(sql, body) }

    func noteServed() throws { _ = try link.rows("UPDATE served SET n = n + 1") }
}
