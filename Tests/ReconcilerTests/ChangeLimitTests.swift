import DNS
import Doubles
import Findings
import Planning
import Reconciler
import Testing

/// What moves a fleet by accident: a line of defaults, a wrong answer to a question for MX.
@Suite struct ChangeLimitTests {
    private static let day = 86_400

    /// So many zones with a policy in testing.
    private func fleet(_ count: Int) async -> World {
        let world = World()
        let wishes = (0..<count).map { number in
            world.mail("zone\(number).example", ["mx.example.com"])
            return World.wish("zone\(number).example")
        }
        await world.apply(all: wishes)
        return world
    }

    /// What the manifests say once a line of defaults took the zones of `changed` to another max_age.
    private func stated(_ count: Int, changed: Range<Int>) -> [ZoneWish] {
        (0..<count).map { World.wish("zone\($0).example", maxAge: changed.contains($0) ? 1_209_600 : 604_800) }
    }

    private func plans(
        _ world: World, _ stated: [ZoneWish], named: Set<DomainName> = []
    ) async throws -> [ZonePlan] {
        let now = try await world.ledger.now()
        let wishes = try await world.planner.wishes(stated, only: nil, named: named, now: now)
        return try await world.planner.plan(wishes, now: now).zones
    }

    /// What an apply of the whole fleet does that nobody reviewed.
    private func apply(_ world: World, _ stated: [ZoneWish]) async throws -> [ZoneOutcome.Kind] {
        let now = try await world.ledger.now()
        let wishes = try await world.planner.wishes(stated, only: nil, now: now)
        return await world.apply(all: try await world.planner.limiting(wishes, now: now)).map(\.kind)
    }

    @Test func `ten zones may change, or a quarter, and no more`() async throws {
        let small = await fleet(20)
        #expect(try await plans(small, stated(20, changed: 0..<10)).allSatisfy { $0.withheld.isEmpty })
        let withheld = try await plans(small, stated(20, changed: 0..<11)).filter { !$0.withheld.isEmpty }
        #expect(withheld.count == 11 && withheld.allSatisfy { $0.steps.isEmpty && $0.verdict == .blocked })
        #expect(withheld.allSatisfy { $0.withheld.map(\.resource) == [.policy, .mtaSTSRecord] })
        #expect(ExitStatus.of(Plan(madeAt: Instant(seconds: 0), zones: withheld), detailed: false) == .blocked)
        let large = await fleet(48)
        #expect(try await plans(large, stated(48, changed: 0..<12)).allSatisfy { $0.withheld.isEmpty })
        #expect(try await plans(large, stated(48, changed: 0..<13)).count { !$0.withheld.isEmpty } == 13)
    }

    @Test func `a wrong answer to a question for MX moves no fleet`() async throws {
        let world = await fleet(12)
        for number in 0..<12 { world.mail("zone\(number).example", ["parking.example.net"]) }
        let zones = try await plans(world, stated(12, changed: 0..<0))
        #expect(zones.allSatisfy { $0.steps.isEmpty && $0.withheld.first?.causes == [.mxMoved] })
        #expect(try await apply(world, stated(12, changed: 0..<0)).allSatisfy { $0 == .blocked })
    }

    @Test func `an apply that nobody reviewed changes none of too many, and repairs them all the same`() async throws {
        let world = await fleet(12)
        world.dns.remove(World.key("_smtp._tls.zone3.example", .txt))
        let before = world.writes.count
        #expect(try await apply(world, stated(12, changed: 0..<12)).allSatisfy { $0 == .blocked })
        #expect(world.writes.count == before + 1)
        #expect(try await plans(world, stated(12, changed: 0..<0)).allSatisfy { $0.verdict == .inSync })
    }

    @Test func `a second edit within a day is counted anew`() async throws {
        let world = await fleet(12)
        #expect(try await apply(world, stated(12, changed: 0..<10)).contains(.blocked) == false)
        world.ledger.advance(3_600)
        let again = (0..<12).map { World.wish("zone\($0).example", maxAge: 2_592_000) }
        #expect(try await apply(world, again).allSatisfy { $0 == .blocked })
    }

    @Test func `a line of the configuration counts like one of the manifests`() async throws {
        let world = await fleet(12)
        _ = try await apply(world, stated(12, changed: 0..<10))
        world.ledger.advance(2 * Self.day)
        let moved = stated(12, changed: 0..<10).map { wish in
            guard case .desired(var desired) = wish.wish else { return wish }
            desired.ttl = TTLs(mtaSTS: 60, other: 60)
            var moved = wish
            moved.wish = .desired(desired)
            return moved
        }
        #expect(try await apply(world, moved).allSatisfy { $0 == .blocked })
    }

    @Test func `what a person let go holds no other zone`() async throws {
        let world = await fleet(24)
        let accepted = stated(24, changed: 0..<20).map { wish in
            var wish = wish
            wish.isSpokenFor = true
            return wish
        }
        await world.apply(all: accepted)
        world.mail("zone23.example", ["mx9.example.com"])
        #expect(try await apply(world, stated(24, changed: 0..<20)).count { $0 == .applied } == 1)
    }

    @Test func `a zone that could not be judged when changes were counted does not change uncounted`() async throws {
        let world = await fleet(12)
        let stated = stated(12, changed: 0..<12)
        for number in 0..<12 { world.dns.setUnknown(World.key("zone\(number).example", .mx)) }
        let now = try await world.ledger.now()
        let wishes = try await world.planner.wishes(stated, only: nil, now: now)
        let judged = try await world.planner.limiting(wishes, now: now)
        for number in 0..<12 { world.dns.setUnknown(World.key("zone\(number).example", .mx), false) }
        let ends = await world.apply(all: judged)
        #expect(ends.allSatisfy { $0.kind == .blocked && $0.detail.contains("could not be judged") })
    }

    @Test func `a job every ten minutes moves no fleet in slices`() async throws {
        let world = await fleet(16)
        #expect(try await apply(world, stated(16, changed: 0..<10)).count { $0 == .applied } == 10)
        world.ledger.advance(600)
        #expect(try await apply(world, stated(16, changed: 0..<16)).count { $0 == .blocked } == 6)
        // By then the first ten are as they shall be, and count no more.
        world.ledger.advance(Self.day)
        #expect(try await apply(world, stated(16, changed: 0..<16)).contains(.blocked) == false)
    }

    @Test func `what is named goes, and so does a fleet that is new`() async throws {
        let world = await fleet(12)
        let named = Set((0..<12).map { World.name("zone\($0).example") })
        #expect(try await plans(world, stated(12, changed: 0..<12), named: named).allSatisfy { $0.withheld.isEmpty })
        let fresh = World()
        let wishes = (0..<40).map { number in
            fresh.mail("zone\(number).example", ["mx.example.com"])
            return World.wish("zone\(number).example")
        }
        #expect(try await apply(fresh, wishes).allSatisfy { $0 == .applied })
    }

    @Test func `one manifest is one change, however many runs it takes`() async throws {
        let world = await fleet(12)
        let stated = stated(12, changed: 0..<12)
        let named = Set((0..<12).map { World.name("zone\($0).example") })
        let now = try await world.ledger.now()
        let wishes = try await world.planner.wishes(stated, only: nil, named: named, now: now)
        world.fail("put", .before)
        await world.apply(all: wishes)
        world.ledger.advance(2 * Self.day)
        #expect(try await apply(world, stated).contains(.blocked) == false)
    }

    @Test func `a plan that is accepted runs, and one that is only reviewed does not`() async throws {
        let world = await fleet(12)
        let stated = stated(12, changed: 0..<12)
        let reviewed = try await plans(world, stated)
        func run(_ plans: [ZonePlan]) async -> [ZoneOutcome] {
            let known = Dictionary(plans.map { ($0.zone, $0) }) { first, _ in first }
            let wishes = stated.map { wish in
                var wish = wish
                wish.changeBlock = known[wish.zone]?.changeBlock
                return wish
            }
            return await world.apply(all: wishes, reviewed: known)
        }
        let blocked = await run(reviewed)
        #expect(blocked.allSatisfy { $0.kind == .blocked && $0.detail.contains("'max_changes'") })
        #expect(await run(reviewed.map(\.accepted)).allSatisfy { $0.kind == .applied })
    }

    @Test func `the digest that accepts a plan is that plan's alone`() async throws {
        let world = await fleet(12)
        let zones = try await plans(world, stated(12, changed: 0..<12))
        let plan = Plan(madeAt: Instant(seconds: 1_800_000_000), zones: zones)
        let document = PlanDocument(plan)
        #expect(try PlanDocument.decode(document.encoded()).digest == document.digest)
        #expect(try PlanDocument.decode(document.encoded()).plan == plan)
        #expect(PlanDocument(Plan(madeAt: plan.madeAt, zones: Array(zones.dropLast()))).digest != document.digest)
        #expect(PlanDocument(Plan(madeAt: plan.madeAt + 1, zones: zones)).digest != document.digest)
    }
}
