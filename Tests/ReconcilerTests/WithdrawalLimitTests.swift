import DNS
import Doubles
import Findings
import Planning
import Reconciler
import Testing

/// Who loses a policy by accident: files that a checkout lost, a line of defaults, a job that runs every ten minutes.
@Suite struct WithdrawalLimitTests {
    private static let day = 86_400

    /// A fleet with policies, and a planner's wishes for those manifests that are still there.
    private func fleet(_ count: Int) async -> (World, [ZoneWish]) {
        let world = World()
        let wishes = (0..<count).map { number in
            world.mail("zone\(number).example", ["mx.example.com"])
            return World.wish("zone\(number).example")
        }
        await world.apply(all: wishes)
        return (world, wishes)
    }

    private func wishes(
        _ world: World, _ stated: [ZoneWish], named: Set<DomainName> = []
    ) async throws -> [ZoneWish] {
        try await world.planner.wishes(stated, only: nil, named: named, now: try await world.ledger.now())
    }

    private func blocked(_ world: World, _ wishes: [ZoneWish]) async throws -> Int {
        let plans = try await world.planner.plan(wishes, now: try await world.ledger.now()).zones
        let blocked = plans.filter { $0.verdict == .blocked }
        #expect(blocked.allSatisfy { $0.steps.isEmpty && $0.findings.contains { $0.code == .withdrawalBlocked } })
        return blocked.count
    }

    @Test func `a tenth of the zones may go unnamed, and no more`() async throws {
        let (world, all) = await fleet(30)
        #expect(try await blocked(world, wishes(world, Array(all.dropFirst(3)))) == 0)
        #expect(try await blocked(world, wishes(world, Array(all.dropFirst(4)))) == 4)
    }

    @Test func `a job every ten minutes drains no fleet`() async throws {
        let (world, all) = await fleet(10)
        #expect(await world.apply(all: try await wishes(world, Array(all.dropFirst()))).first?.kind == .held)
        world.ledger.advance(600)
        let next = try await wishes(world, Array(all.dropFirst(2)))
        #expect(await world.apply(all: next).map(\.kind).prefix(3) == [.held, .blocked, .nothingToDo])
        world.ledger.advance(Self.day)
        #expect(try await blocked(world, wishes(world, Array(all.dropFirst(2)))) == 0)
    }

    @Test func `who is named goes`() async throws {
        let (world, all) = await fleet(10)
        let named: Set = [World.name("zone0.example"), World.name("zone1.example")]
        #expect(try await blocked(world, wishes(world, Array(all.dropFirst(2)), named: named)) == 0)
    }

    @Test func `the last zone goes only when it is named`() async throws {
        let (world, _) = await fleet(1)
        #expect(try await blocked(world, wishes(world, [])) == 1)
        #expect(try await blocked(world, wishes(world, [], named: [World.name("zone0.example")])) == 0)
    }

    @Test func `a manifest that drops its policy counts like one that is gone`() async throws {
        let (world, all) = await fleet(10)
        let without = (0..<2).map { World.wish("zone\($0).example", policy: false) }
        #expect(try await blocked(world, wishes(world, without + all.dropFirst(2))) == 2)
    }

    @Test func `what is blocked is kept up`() async throws {
        let (world, all) = await fleet(10)
        world.dns.remove(World.key("_mta-sts.zone0.example", .txt))
        let plans = try await world.planner.plan(
            wishes(world, Array(all.dropFirst(5))), now: try await world.ledger.now()
        ).zones
        #expect(plans.first?.steps.map(\.resource) == [.mtaSTSRecord])
        #expect(plans.first?.verdict == .blocked)
    }

    @Test func `a protected zone stays when its manifest is gone, named or not`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com", protect: true))
        let gone = ZoneWish(zone: World.name("example.com"), wish: .gone, digest: "")
        let plan = try await world.plan(gone)
        #expect(plan.verdict == .blocked && plan.steps.isEmpty)
        #expect(await world.apply(World.wish("example.com", protect: false)).map(\.kind) == [.nothingToDo])
        #expect(try await world.plan(gone).steps.map(\.resource) == [.policy, .mtaSTSRecord])
    }
}
