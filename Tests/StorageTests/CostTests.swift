import DNS
import Findings
import GRDB
import Planning
import Ports
import Synchronization
import Testing

@testable import Storage

/// What one renewal asks of the store costs the same among ten thousand zones as among ten.
@Suite(.serialized) struct CostTests {
    @Test func `nothing that a renewal writes goes through a whole table`() async throws {
        try await World.with { world in
            let store = try world.open()
            let asked = Mutex<Set<String>>([])
            try await store.pool.writeWithoutTransaction { db in
                db.trace { event in
                    if case .statement(let statement) = event {
                        asked.withLock { _ = $0.insert(statement.expandedSQL) }
                    }
                }
            }
            try await renew(store)
            try await renew(store)
            try await store.pool.writeWithoutTransaction { db in
                db.trace()
                for sql in asked.withLock(\.self).sorted()
                where ["SELECT", "UPDATE", "DELETE"].contains(sql.prefix(6).uppercased()) {
                    let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).compactMap {
                        $0["detail"] as String?
                    }
                    // By the issuer alone a budget is the account's whole history.
                    let scans = plan.filter {
                        $0.hasPrefix("SCAN ") && $0 != "SCAN CONSTANT ROW"
                            || $0.hasPrefix("SEARCH budget ") && $0.hasSuffix("(issuer=?)")
                    }
                    #expect(scans.isEmpty, "\(sql)")
                }
            }
            #expect(asked.withLock { $0.contains { $0.contains("fingerprint") } })
            #expect(asked.withLock { $0.contains { $0.contains("DELETE FROM budget") } })
        }
    }

    /// All that a renewal writes, in its order.
    private func renew(_ store: SQLiteStore) async throws {
        let host = try DomainName("mta-sts.example.com")
        let number = try await store.certificate(for: host).map { (Int($0.fingerprint) ?? 0) + 1 } ?? 1
        let note = AuditNote(commit: nil, digest: nil, what: "renewal")
        let lease = try await store.acquire(
            World.zone, by: LeaseOwner(who: "w", runner: "r", command: "c"), for: 100)
        let intent = Intent(step: "s", resource: .certificate, at: Instant(seconds: 1))
        try await store.record(.intent(intent, policy: nil), under: lease, audit: note)
        let claim = BudgetClaim(zone: World.zone, host: host, registered: "example.com", expires: nil)
        let limits = BudgetLimits(
            orders: .init(10, per: 1_000), registeredDomain: .init(10, per: 1_000), duplicates: .init(10, per: 1_000),
            failedAuthorisations: .init(10, per: 1_000))
        _ = try await store.take(claim, at: "ca", within: limits, under: lease)
        let order = OpenOrder(url: "https://ca.example/\(number)", issuer: "ca", names: [host], since: intent.at)
        try await store.record(.issuance(.ordered(order)), under: lease, audit: note)
        let proof = ChallengeProof.http(host: host, token: "t", content: "c")
        try await store.record(.issuance(.presented(proof)), under: lease, audit: note)
        try await store.put("c", to: "t", at: host)
        _ = try await store.renew(lease, for: 100)
        try await store.remove("t", at: host)
        try await store.record(.issuance(.withdrawn(proof)), under: lease, audit: note)
        let facts = CertificateFacts(
            names: ["\(host)"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2), issuer: "ca",
            fingerprint: "\(number)")
        try await store.store(CertificateMaterial(chain: "chain", key: Redacted("key"), facts: facts), for: host)
        var left = Publication()
        left.certificate = facts
        try await store.record(.outcome(step: "s", resource: .certificate, left: left), under: lease, audit: note)
        try await store.giveBack(World.zone, under: lease)
        try await store.release(lease)
    }
}
