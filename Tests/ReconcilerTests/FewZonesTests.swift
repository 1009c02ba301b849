import DNS
import Doubles
import Planning
import Ports
import Reconciler
import Testing

/// A plan of one zone among many.
@Suite struct FewZonesTests {
    /// A ledger of which nobody may read all.
    private struct LargeLedger: LedgerReader {
        let ledger: MemoryLedger

        func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger { try await ledger.ledger(of: zone) }
        func ledgers() async throws(Failure) -> [ZoneLedger] { throw Failure(.storage, "all were read") }
        func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] { [] }
        func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] { [] }
        func nextRenewal(after now: Instant) async throws(Failure) -> Instant? { nil }
        func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits { EndedWaits(zones: [], mark: 0) }
    }

    @Test func `a plan of one zone reads no other's ledger, and knows one that no manifest names`() async throws {
        let world = World()
        world.mail("a.example", ["mx.a.example"])
        await world.apply(World.wish("a.example"))
        let planner = FleetPlanner(ledger: LargeLedger(ledger: world.ledger)) { _, _ in world.readers }
        let zone = World.name("a.example")
        let now = try await world.ledger.now()
        let wishes = try await planner.wishes([], only: [zone, World.name("b.example")], now: now)
        #expect(wishes.map(\.zone) == [zone])
        #expect(try await planner.plan([World.wish("a.example")], now: now).zones.map(\.verdict) == [.inSync])
        await #expect(throws: Failure.self) { try await planner.wishes([], only: nil, now: now) }
    }
}

/// A plan by a ledger that knows nothing of a world that is not empty.
@Suite struct EmptyLedgerTests {
    @Test
    func `records that stand where no ledger knows any zone are told, and of a new zone among others they are not`()
        async throws
    {
        let world = World()
        world.mail("a.example", ["mx.a.example"])
        world.mail("b.example", ["mx.b.example"])
        world.text("_mta-sts.a.example", "v=STSv1; id=theirs;")
        let wishes = [World.wish("a.example"), World.wish("b.example")]
        let now = try await world.ledger.now()
        #expect(try await world.planner.plan(wishes, now: now).strangers == [World.name("a.example")])
        let without = FleetPlanner(ledger: nil) { _, _ in world.readers }
        #expect(try await without.plan(wishes, now: now).strangers == [World.name("a.example")])
        await world.apply(World.wish("b.example"))
        #expect(try await world.planner.plan([World.wish("a.example")], now: now).strangers.isEmpty)
    }
}
