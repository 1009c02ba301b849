/// The URLs of our accounts with CAs, beside the ledgers: the accounts' files hold keys, may be sealed, and a plan opens none.
enum AccountRows {
    static func url(of directory: String, in db: any SQLConnection) throws -> String? {
        try db.row("SELECT url FROM account WHERE directory = ?", [directory])?.text("url")
    }

    static func save(_ url: String?, of directory: String, in db: any SQLConnection) throws {
        guard let url else {
            return try db.run("DELETE FROM account WHERE directory = ?", [directory])
        }
        try db.run(
            "INSERT INTO account (directory, url) VALUES (?, ?) ON CONFLICT (directory) DO UPDATE SET url = excluded.url",
            [directory, url])
    }
}
