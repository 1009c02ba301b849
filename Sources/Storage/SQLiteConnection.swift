import Foundation
import GRDB
import Planning

/// A transaction of SQLite.
struct SQLiteConnection: SQLConnection {
    let db: Database
    let now: Instant

    var dialect: SQLDialect { .sqlite }

    func run(_ sql: String, _ values: [any SQLValue]) throws {
        try db.execute(sql: sql, arguments: Self.arguments(values))
    }

    func rows(_ sql: String, _ values: [any SQLValue]) throws -> [any SQLRow] {
        try Row.fetchAll(db, sql: sql, arguments: Self.arguments(values)).map(SQLiteRow.init)
    }

    func each(_ sql: String, _ body: (any SQLRow) throws -> Void) throws {
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() { try body(SQLiteRow(row: row)) }
    }

    /// SQLite itself counts what changes.
    func noteServed() {}

    private static func arguments(_ values: [any SQLValue]) -> StatementArguments {
        StatementArguments(
            values.map { value -> DatabaseValue in
                switch value.datum {
                case .null: .null
                case .text(let text): text.databaseValue
                case .integer(let number): number.databaseValue
                case .flag(let flag): flag.databaseValue
                case .octets(let octets): Data(octets).databaseValue
                }
            })
    }
}

/// A row of SQLite.
private struct SQLiteRow: SQLRow {
    let row: Row

    func text(_ column: String) throws -> String { try row.decode(String.self, forColumn: column) }

    func optionalText(_ column: String) throws -> String? { try row.decode(String?.self, forColumn: column) }

    func integer(_ column: String) throws -> Int64 { try row.decode(Int64.self, forColumn: column) }

    func optionalInteger(_ column: String) throws -> Int64? { try row.decode(Int64?.self, forColumn: column) }

    func flag(_ column: String) throws -> Bool { try row.decode(Bool.self, forColumn: column) }

    func octets(_ column: String) throws -> [UInt8] { Array(try row.decode(Data.self, forColumn: column)) }
}
