import DNS
import GRDB
import MTASTS
import Planning
import Ports

/// All that a backup holds beside ledgers, as rows.
enum ArchiveRows {
    /// What a restore takes the place of.
    static let tables = [
        "zone", "published", "intent", "mx_seen", "issuance", "former_host", "audit", "policy", "certificate",
        "account",
        "token", "token_use", "write_once", "http_token", "budget", "issuer_hold", "lease", "due",
    ]

    /// Every zone that any table of a ledger names.
    static let zones = """
        SELECT zone FROM zone UNION SELECT zone FROM published UNION SELECT zone FROM intent UNION SELECT zone FROM mx_seen
        UNION SELECT zone FROM issuance UNION SELECT zone FROM former_host ORDER BY zone
        """

    static func others(in db: Database, _ visit: (StateRecord) throws -> Void) throws {
        try each("SELECT zone, fencing FROM lease ORDER BY zone", in: db) { row in
            try visit(.lease(zone: try row.name("zone"), fencing: Int64(try row.integer("fencing"))))
        }
        try each("SELECT zone, id, body FROM policy ORDER BY zone", in: db) { row in
            guard let id = PolicyID(try row.text("id")) else {
                throw BrokenRow("the policy id of \(try row.text("zone")) is none")
            }
            try visit(.policy(zone: try row.name("zone"), body: PublishedBody(id: id, body: try row.text("body"))))
        }
        try each("SELECT host, facts, chain FROM certificate ORDER BY host", in: db) { row in
            try visit(
                .certificate(
                    host: try row.name("host"), facts: try row.json(CertificateFacts.self, "facts"),
                    chain: try row.text("chain")))
        }
        try each("SELECT directory, url FROM account ORDER BY directory", in: db) { row in
            try visit(.account(directory: try row.text("directory"), url: try row.text("url")))
        }
        try each("SELECT * FROM token ORDER BY rowid", in: db) { try visit(.token(token: try AccessRows.token($0))) }
        let issuers = "SELECT issuer FROM budget UNION SELECT issuer FROM issuer_hold ORDER BY issuer"
        for issuer in try String.fetchAll(db, sql: issuers) {
            try visit(.budget(issuer: issuer, book: try BudgetRows.book(of: issuer, in: db)))
        }
        try each("SELECT * FROM audit ORDER BY n", in: db) { try visit(.audit(entry: try AuditRows.entry($0))) }
    }

    private static func each(_ sql: String, in db: Database, _ body: (Row) throws -> Void) throws {
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() { try body(row) }
    }

    static func take(_ record: StateRecord, in db: Database) throws {
        switch record {
        case .audit(let entry):
            try AuditRows.add(entry.kind, of: entry.zone, at: entry.at, by: entry.owner, entry.note, in: db)
        case .policy(let zone, let body):
            try db.execute(
                sql: "INSERT OR REPLACE INTO policy (zone, id, body) VALUES (?, ?, ?)",
                arguments: [zone.key, body.id.text, body.body])
        case .certificate(let host, let facts, let chain):
            try db.execute(
                sql: "INSERT OR REPLACE INTO certificate (host, facts, chain) VALUES (?, ?, ?)",
                arguments: [host.key, try JSONText.encode(facts), chain])
        case .account(let directory, let url): try AccountRows.save(url, of: directory, in: db)
        case .token(let token): try AccessRows.save(token, in: db)
        case .budget(let issuer, let book):
            for entry in book.entries { try BudgetRows.add(entry, of: issuer, in: db) }
            if let hold = book.hold { try BudgetRows.keep(hold, of: issuer, in: db) }
        case .ledger, .lease, .key: break
        }
    }
}
