import DNS
import Doubles
import Foundation
import Planning
import PortConformance
import Ports
import Storage
import Testing

/// Budgets in the store: the contract, and many that want the last order.
@Suite(.serialized) struct BudgetStoreTests {
    private static let zones = (0..<4).compactMap { try? DomainName("z\($0).example.com") }

    @Test func `the SQLite store keeps budgets as it must, and so does the double`() async throws {
        try await World.with { try await BudgetConformance.check($0.open(), zones: Self.zones) }
        try await BudgetConformance.check(MemoryLedger(now: Instant(seconds: 1_800_000_000)), zones: Self.zones)
    }

    @Test(arguments: 0..<30)
    func `random dealings read back as the pure book has them`(seed: UInt64) async throws {
        try await World.with { world in
            try await BudgetConformance.checkEvents(
                world.open(), zones: Self.zones, seed: seed, advance: { world.advance($0) })
        }
        let double = MemoryLedger(now: Instant(seconds: 1_800_000_000))
        try await BudgetConformance.checkEvents(
            double, zones: Self.zones, seed: seed, advance: { double.advance($0) })
    }

    @Test func `two that share a store never take more than there is`() async throws {
        try await World.with { world in
            let stores = [try world.open(), try world.open()]
            let limits = BudgetLimits(orders: BudgetLimits.Limit(10, per: 1_000))
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let store = stores[number % 2]
                        let zone = try DomainName("n\(number).test")
                        let lease = try await store.acquire(
                            zone, by: LeaseOwner(who: "w", runner: "r", command: "c"), for: 1_000)
                        let claim = BudgetClaim(
                            zone: zone, host: zone, registered: zone.description, expires: nil)
                        return try await store.take(claim, at: "ca", within: limits, under: lease) == nil
                    }
                }
                return try await group.reduce(into: 0) { count, isTaken in count += isTaken ? 1 : 0 }
            }
            #expect(taken == 10)
            let reader = try #require(try world.reader())
            #expect(try await reader.book(of: "ca").entries.count { $0.kind == .order } == 10)
        }
    }

    @Test func `what no window reaches is forgotten`() async throws {
        try await World.with { world in
            let store = try world.open()
            let zone = Self.zones[0]
            let lease = try await store.acquire(
                zone, by: LeaseOwner(who: "w", runner: "r", command: "c"), for: 9_000_000)
            let claim = BudgetClaim(zone: zone, host: zone, registered: "example.com", expires: nil)
            let facts = CertificateFacts(
                names: [], notBefore: Instant(seconds: 0), notAfter: Instant(seconds: 1), issuer: "ca", fingerprint: "f"
            )
            for _ in 0..<5 {
                #expect(try await store.take(claim, at: "ca", within: .letsEncrypt, under: lease) == nil)
                try await store.record(
                    .outcome(step: "", resource: .certificate, left: Publication(certificate: facts)), under: lease,
                    audit: AuditNote(commit: nil, digest: nil, what: ""))
                world.advance(8 * 86_400)
            }
            #expect(try await store.book(of: "ca").entries.count == 2)
        }
    }
}
