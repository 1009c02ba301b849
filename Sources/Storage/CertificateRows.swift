import DNS
import Planning
import Ports

/// Certificates as rows: what plans know of them, and the chain. Where the keys are is each store's own.
enum CertificateRows {
    static func facts(of host: DomainName, in db: any SQLConnection) throws -> CertificateFacts? {
        try db.row("SELECT facts FROM certificate WHERE host = ?", [host.key])?.json(CertificateFacts.self, "facts")
    }

    static func row(of host: DomainName, in db: any SQLConnection) throws -> (CertificateFacts, String)? {
        try db.row("SELECT facts, chain FROM certificate WHERE host = ?", [host.key])
            .map { (try $0.json(CertificateFacts.self, "facts"), try $0.text("chain")) }
    }

    /// The host's new certificate; what no row names any more.
    static func save(
        _ facts: CertificateFacts, chain: String, of host: DomainName, in db: any SQLConnection
    ) throws -> CertificateFacts? {
        let old = try Self.facts(of: host, in: db)
        try db.run(
            """
            INSERT INTO certificate (host, facts, chain) VALUES (?, ?, ?)
            ON CONFLICT (host) DO UPDATE SET facts = excluded.facts, chain = excluded.chain
            """, [host.key, try JSONText.encode(facts), chain])
        try db.noteServed()
        return try unused(old, in: db)
    }

    /// Forgets the host's certificate; what no row names any more.
    static func remove(_ host: DomainName, in db: any SQLConnection) throws -> CertificateFacts? {
        let old = try facts(of: host, in: db)
        try db.run("DELETE FROM certificate WHERE host = ?", [host.key])
        try db.noteServed()
        return try unused(old, in: db)
    }

    /// One certificate may serve several hosts.
    private static func unused(_ old: CertificateFacts?, in db: any SQLConnection) throws -> CertificateFacts? {
        guard let old else { return nil }
        let fingerprint = db.dialect.member("fingerprint", of: "facts")
        let isUsed = try db.exists("SELECT 1 FROM certificate WHERE \(fingerprint) = ?", [old.fingerprint])
        return isUsed ? nil : old
    }

    /// The fingerprints of all certificates.
    static func named(in db: any SQLConnection) throws -> Set<String> {
        let fingerprint = db.dialect.member("fingerprint", of: "facts")
        return Set(
            try db.rows("SELECT \(fingerprint) AS fingerprint FROM certificate").map { try $0.text("fingerprint") })
    }
}
