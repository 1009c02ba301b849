import GRDB
package import Ports

/// The URLs of our accounts with CAs, beside the ledgers: the accounts' files hold keys, may be sealed, and a plan opens none.
enum AccountRows {
    static func create(_ db: Database) throws {
        try db.create(table: "account") { t in
            t.primaryKey("directory", .text)
            t.column("url", .text).notNull()
        }
    }

    static func save(_ url: String?, of directory: String, in db: Database) throws {
        guard let url else {
            return try db.execute(sql: "DELETE FROM account WHERE directory = ?", arguments: [directory])
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO account (directory, url) VALUES (?, ?)", arguments: [directory, url])
    }
}

extension SQLiteReader: AccountReader {
    package func accountURL(of directory: String) async throws(Failure) -> String? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT url FROM account WHERE directory = ?", arguments: [directory])?.text(
                "url")
        }
    }
}
