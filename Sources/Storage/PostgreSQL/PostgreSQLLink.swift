import CPostgreSQL
import Foundation
import Synchronization

/// One connection by libpq, which takes one statement at a time. It is closed with its last reference.
final class PostgreSQLLink: Sendable {
    private let connection: Mutex<OpaquePointer>
    private let patience: Int

    /// Connects; takes at most ``PostgreSQLPlace/connectSeconds``, and what the system's resolver takes for the name.
    init(_ place: PostgreSQLPlace) throws(PostgreSQLError) {
        let parameters = place.parameters()
        let made = Self.strings(parameters.map(\.0)) { names in
            Self.strings(parameters.map(\.1)) { values in PQconnectdbParams(names, values, 0) }
        }
        guard let made else { throw .unreachable("out of memory", lacksPassword: false) }
        guard PQstatus(made) == CONNECTION_OK else {
            let words = Self.oneLine(PQerrorMessage(made))
            let lacksPassword = PQconnectionNeedsPassword(made) == 1
            PQfinish(made)
            throw .unreachable(words, lacksPassword: lacksPassword)
        }
        // Notices are the server's chat; libpq would print them.
        PQsetNoticeProcessor(made, { _, _ in }, nil)
        // Its details show values.
        PQsetErrorVerbosity(made, PQERRORS_TERSE)
        patience = place.patience
        connection = Mutex(made)
    }

    deinit { connection.withLock { PQfinish($0) } }

    /// Runs one statement; its values travel beside it, never within.
    func rows(_ sql: String, _ values: [any SQLValue] = []) throws -> [any SQLRow] { try run(sql, values).rows }

    /// Commits, or throws: of a transaction that a statement had failed in, the server says in friendly words that it was rolled back.
    func commit() throws {
        guard try run("COMMIT", []).tag == "COMMIT" else {
            throw PostgreSQLError.refused(state: "25P02", "a statement had failed, and the transaction was rolled back")
        }
    }

    /// The rows, and the word for what was done.
    private func run(_ sql: String, _ values: [any SQLValue]) throws -> (rows: [any SQLRow], tag: String) {
        try connection.withLock { connection in
            try Self.send(connection, sql, values)
            var answer = Answer(patience: patience)
            var rows: [PostgreSQLRow] = []
            while let more = try answer.next(connection) { rows += more }
            if let failed = answer.failed { throw failed }
            return (rows, answer.tag)
        }
    }

    /// The rows of a statement, one after the other, of which never more than one is held.
    func each(_ sql: String, _ body: (any SQLRow) throws -> Void) throws {
        try connection.withLock { connection in
            try Self.send(connection, sql, [])
            PQsetSingleRowMode(connection)
        }
        var answer = Answer(patience: patience)
        while let rows = try connection.withLock({ try answer.next($0) }) {
            do { for row in rows { try body(row) } } catch { answer.failed = answer.failed ?? error }
        }
        if let failed = answer.failed { throw failed }
    }

    private static func send(_ connection: OpaquePointer, _ sql: String, _ values: [any SQLValue]) throws {
        let data = try values.map { try PostgreSQLValue($0.datum) }
        let sent = data.withPointers { pointers, lengths, formats in
            PQsendQueryParams(
                connection, PostgreSQLValue.numbered(sql), Int32(data.count), nil, pointers, lengths, formats, 0)
        }
        guard sent == 1 else { throw PostgreSQLError.lost(oneLine(PQerrorMessage(connection))) }
    }

    /// What comes back of one statement. It is taken to its end whatever happens: else the connection takes no other.
    private struct Answer {
        private let patience: Int
        private let end: ContinuousClock.Instant
        /// The first thing that went wrong.
        var failed: (any Error)?
        /// The server's word for what a statement without rows did, such as `COMMIT`.
        private(set) var tag = ""

        init(patience: Int) {
            self.patience = patience
            end = .now + .seconds(patience)
        }

        /// The rows of the next result; `nil` after the last one.
        mutating func next(_ connection: OpaquePointer) throws(PostgreSQLError) -> [PostgreSQLRow]? {
            try wait(connection)
            guard let result = PQgetResult(connection) else { return nil }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK:
                tag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
                return []
            case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: return failed == nil ? PostgreSQLRow.all(of: result) : []
            default:
                let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
                // Without a state it is libpq's own word: the connection broke.
                let words = PostgreSQLLink.oneLine(PQresultErrorMessage(result))
                let error: PostgreSQLError = state.map { .refused(state: $0, words) } ?? .lost(words)
                failed = failed ?? error
                return []
            }
        }

        /// Until a result can be taken without waiting.
        private func wait(_ connection: OpaquePointer) throws(PostgreSQLError) {
            while PQisBusy(connection) == 1 {
                var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
                let left = (end - .now) / .milliseconds(1)
                guard left > 0 else { throw .lost("it gave no answer for \(patience) seconds") }
                let ready = poll(&descriptor, 1, Int32(left) + 1)
                if ready == 0 || ready < 0 && errno == EINTR { continue }
                guard ready > 0, PQconsumeInput(connection) == 1 else {
                    throw .lost(PostgreSQLLink.oneLine(PQerrorMessage(connection)))
                }
            }
        }
    }

    /// libpq's words on one line, without what it says first of any error.
    private static func oneLine(_ words: UnsafeMutablePointer<CChar>?) -> String {
        oneLine(words.map { UnsafePointer($0) })
    }

    private static func oneLine(_ words: UnsafePointer<CChar>?) -> String {
        let lines = (words.map { String(cString: $0) } ?? "").split(whereSeparator: \.isNewline)
        let text = lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
        for start in ["ERROR:  ", "FATAL:  "] where text.hasPrefix(start) { return String(text.dropFirst(start.count)) }
        return text.isEmpty ? "it said nothing" : text
    }

    /// C strings with the null that ends such lists.
    private static func strings(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> OpaquePointer?
    ) -> OpaquePointer? {
        let copies = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        let list: [UnsafePointer<CChar>?] = copies.map { $0.map { UnsafePointer($0) } } + [nil]
        return list.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
    }
}
