import DNS
import MTASTS
import Planning
import Ports

/// All that a backup holds, as rows.
enum ArchiveRows {
    /// What a restore takes the place of.
    static let tables = [
        "zone", "published", "intent", "mx_seen", "issuance", "former_host", "audit", "policy", "certificate",
        "account", "token", "token_use", "write_once", "http_token", "budget", "issuer_hold", "lease", "due",
    ]

    static func ledgers(in db: any SQLConnection, _ visit: (StateRecord) throws -> Void) throws {
        for name in try LedgerRows.zones(in: db) {
            let ledger = try LedgerRows.ledger(of: name, in: db)
            if ledger != ZoneLedger(zone: name) { try visit(.ledger(zone: ledger)) }
        }
    }

    static func others(in db: any SQLConnection, _ visit: (StateRecord) throws -> Void) throws {
        try db.each("SELECT zone, fencing FROM lease ORDER BY zone") { row in
            try visit(.lease(zone: try row.name("zone"), fencing: try row.integer("fencing")))
        }
        try db.each("SELECT zone, id, body FROM policy ORDER BY zone") { row in
            guard let id = PolicyID(try row.text("id")) else {
                throw BrokenRow("the policy id of \(try row.text("zone")) is none")
            }
            try visit(.policy(zone: try row.name("zone"), body: PublishedBody(id: id, body: try row.text("body"))))
        }
        try db.each("SELECT host, facts, chain FROM certificate ORDER BY host") { row in
            try visit(
                .certificate(
                    host: try row.name("host"), facts: try row.json(CertificateFacts.self, "facts"),
                    chain: try row.text("chain")))
        }
        try db.each("SELECT directory, url FROM account ORDER BY directory") { row in
            try visit(.account(directory: try row.text("directory"), url: try row.text("url")))
        }
        try db.each("SELECT * FROM token ORDER BY rowid") { try visit(.token(token: try AccessRows.token($0))) }
        let issuers = try db.rows("SELECT issuer FROM budget UNION SELECT issuer FROM issuer_hold ORDER BY issuer")
        for row in issuers {
            let issuer = try row.text("issuer")
            try visit(.budget(issuer: issuer, book: try BudgetRows.book(of: issuer, in: db)))
        }
        try db.each("SELECT * FROM audit ORDER BY n") { try visit(.audit(entry: try AuditRows.entry($0))) }
    }

    static func take(_ record: StateRecord, in db: any SQLConnection) throws {
        switch record {
        case .audit(let entry):
            try AuditRows.add(entry.kind, of: entry.zone, at: entry.at, by: entry.owner, entry.note, in: db)
        case .policy(let zone, let body):
            try db.run(
                """
                INSERT INTO policy (zone, id, body) VALUES (?, ?, ?)
                ON CONFLICT (zone) DO UPDATE SET id = excluded.id, body = excluded.body
                """, [zone.key, body.id.text, body.body])
        case .certificate(let host, let facts, let chain):
            _ = try CertificateRows.save(facts, chain: chain, of: host, in: db)
        case .account(let directory, let url): try AccountRows.save(url, of: directory, in: db)
        case .token(let token): try AccessRows.save(token, in: db)
        case .budget(let issuer, let book):
            for entry in book.entries { try BudgetRows.add(entry, of: issuer, in: db) }
            if let hold = book.hold { try BudgetRows.keep(hold, of: issuer, in: db) }
        case .ledger, .lease, .key: break
        }
    }
}
