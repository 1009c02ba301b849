package import DNS
import MTASTS
package import Planning
package import Ports

extension RowReading {
    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger {
        try await read { try LedgerRows.ledger(of: zone, in: $0) }
    }

    package func ledgers() async throws(Failure) -> [ZoneLedger] { try await read { try LedgerRows.all(in: $0) } }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        try await read { try AuditRows.newest(limit, of: zone, in: $0) }
    }

    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] {
        try await read { try DueRows.due(at: now, limit: limit, in: $0) }
    }

    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? {
        try await read { try DueRows.next(after: now, in: $0) }
    }

    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits {
        try await read { try AuditRows.waitsEnded(after: mark, in: $0) }
    }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await read { db in
            guard let row = try db.row("SELECT id, body FROM policy WHERE zone = ?", [zone.key]) else { return nil }
            guard let id = PolicyID(try row.text("id")) else { throw BrokenRow("the policy id of \(zone) is none") }
            return PublishedBody(id: id, body: try row.text("body"))
        }
    }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await read { try CertificateRows.facts(of: host, in: $0) }
    }

    package func accountURL(of directory: String) async throws(Failure) -> String? {
        try await read { try AccountRows.url(of: directory, in: $0) }
    }

    package func book(of issuer: String) async throws(Failure) -> IssuerBook {
        try await read { try BudgetRows.book(of: issuer, in: $0) }
    }

    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? {
        try await read { try BudgetRows.hold(of: issuer, in: $0) }
    }

    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? {
        try await read { db in
            try BudgetRows.book(of: issuer, for: claim, within: limits, at: db.now, in: db)
                .refusal(of: claim, within: limits, at: db.now)
        }
    }
}

extension RowStore {
    /// By the account itself, which is the truth, where readers have but what was noted of it.
    package func accountURL(of directory: String) async throws(Failure) -> String? {
        try await account(of: directory)?.url
    }

    package func put(_ body: PublishedBody, for zone: DomainName) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                INSERT INTO policy (zone, id, body) VALUES (?, ?, ?)
                ON CONFLICT (zone) DO UPDATE SET id = excluded.id, body = excluded.body
                """, [zone.key, body.id.text, body.body])
            try db.noteServed()
        }
        noteOwn()
    }

    package func remove(for zone: DomainName) async throws(Failure) {
        try await write { db in
            try db.run("DELETE FROM policy WHERE zone = ?", [zone.key])
            try db.noteServed()
        }
        noteOwn()
    }
}
