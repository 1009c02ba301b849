package import Planning

/// One transaction of a store, as the rows' code sees it: the same statements run on SQLite and on PostgreSQL.
///
/// Statements keep to what both understand: `?` for each value in its order, `INSERT … ON CONFLICT … DO UPDATE`, flags and numbers as
/// values and never as literals, a name for each column that is read, and `rowid` for the order in which rows came. What can't be said
/// in common words is asked of ``dialect``.
package protocol SQLConnection {
    /// Which database it is.
    var dialect: SQLDialect { get }
    /// The store's time at which the transaction runs.
    var now: Instant { get }
    /// Runs a statement that gives no rows.
    func run(_ sql: String, _ values: [any SQLValue]) throws
    /// All rows that a statement gives.
    func rows(_ sql: String, _ values: [any SQLValue]) throws -> [any SQLRow]
    /// The rows of a statement without values, one after the other: for what may be long.
    func each(_ sql: String, _ body: (any SQLRow) throws -> Void) throws
    /// Says that the transaction changes what a policy host serves, to those who ask (``ChangeReader/all()``).
    func noteServed() throws
}

extension SQLConnection {
    func run(_ sql: String) throws { try run(sql, []) }

    func rows(_ sql: String) throws -> [any SQLRow] { try rows(sql, []) }

    /// The first row, if there is one.
    func row(_ sql: String, _ values: [any SQLValue] = []) throws -> (any SQLRow)? { try rows(sql, values).first }

    /// Whether `query` gives any row.
    func exists(_ query: String, _ values: [any SQLValue]) throws -> Bool {
        try row("SELECT EXISTS (\(query)) AS found", values)?.flag("found") ?? false
    }
}

/// Where the two databases have no words in common.
package enum SQLDialect: Hashable, Sendable {
    /// SQLite.
    case sqlite
    /// PostgreSQL.
    case postgreSQL

    /// A text member of a column that holds a JSON object. Indexed for a certificate's fingerprint, in exactly these words.
    func member(_ name: String, of column: String) -> String {
        switch self {
        case .sqlite: "json_extract(\(column), '$.\(name)')"
        case .postgreSQL: "(\(column) ->> '\(name)')"
        }
    }
}

/// A value as databases are given it.
package enum SQLDatum: Hashable, Sendable {
    /// None.
    case null
    /// Text.
    case text(String)
    /// A number.
    case integer(Int64)
    /// True or false.
    case flag(Bool)
    /// Octets.
    case octets([UInt8])
}

/// What a statement may be given.
package protocol SQLValue: Sendable {
    /// The value for the database.
    var datum: SQLDatum { get }
}

extension String: SQLValue {
    /// Text.
    package var datum: SQLDatum { .text(self) }
}

extension Int: SQLValue {
    /// A number.
    package var datum: SQLDatum { .integer(Int64(self)) }
}

extension Int64: SQLValue {
    /// A number.
    package var datum: SQLDatum { .integer(self) }
}

extension Bool: SQLValue {
    /// A flag.
    package var datum: SQLDatum { .flag(self) }
}

extension [UInt8]: SQLValue {
    /// Octets.
    package var datum: SQLDatum { .octets(self) }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    /// The value, or none.
    package var datum: SQLDatum { self?.datum ?? .null }
}
