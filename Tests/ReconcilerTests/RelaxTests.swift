import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// Breaking the glass: a policy that makes senders refuse mail is made milder at once, and no run takes that back.
@Suite struct RelaxTests {
    private let zone = World.name("example.com")

    private func enforced() async -> World {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com", mode: .enforce))
        return world
    }

    private func relax(_ world: World, to mode: Mode = .testing, asked: Int? = nil) async throws -> Relaxing.End {
        let relaxing = Relaxing(
            store: world.ledger, owner: LeaseOwner(who: "ops", runner: "here", command: "relax"), commit: nil,
            patience: LeasePatience(seconds: 0, sleep: { _ in }))
        return try await relaxing.relax(zone, to: mode, reason: "mx.example.com lost its certificate", asked: asked)
    }

    private func mode(_ world: World) async throws -> Mode? {
        try await world.host.policy(for: zone).map { try Policy.parse(Array($0.body.utf8)).mode }
    }

    @Test(arguments: [Mode.testing, .none])
    func `a relaxed policy goes out at once and stays, whatever is applied`(to mode: Mode) async throws {
        let world = await enforced()
        #expect(try await relax(world, to: mode) == .relaxed)
        let wish = World.wish("example.com", mode: .enforce)
        let plan = try await world.plan(wish)
        #expect(plan.steps.map(\.resource) == [.policy, .mtaSTSRecord])
        #expect(plan.steps.allSatisfy { $0.causes == [.relaxed] })
        #expect(plan.findings.contains { $0.code == .relaxed && $0.message.contains("lost its certificate") })
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(try await self.mode(world) == mode)
        world.ledger.advance(90 * 86_400)
        #expect(try await world.plan(wish).steps.filter { $0.resource == .policy }.isEmpty)
        #expect(try await world.ledger.history(of: zone, limit: 50).contains { $0.kind == "relaxed" })
    }

    @Test func `it goes past a zone that is blocked, and past a manifest that can't be read`() async throws {
        let blocked = await enforced()
        blocked.mail("example.com", [])
        _ = try await relax(blocked)
        #expect(await blocked.apply(World.wish("example.com", mode: .enforce)).map(\.kind) == [.blocked])
        #expect(try await mode(blocked) == .testing)
        let unread = await enforced()
        _ = try await relax(unread)
        await unread.apply(ZoneWish(zone: zone, wish: .unknown, digest: ""))
        #expect(try await mode(unread) == .testing)
    }

    @Test func `no limit of the fleet holds it`() async throws {
        let world = await enforced()
        _ = try await relax(world)
        var wish = World.wish("example.com", mode: .enforce)
        wish.changeBlock = Finding(.error, .changesBlocked, "too many", action: "none")
        await world.apply(wish)
        #expect(try await mode(world) == .testing)
    }

    @Test func `a commit that agrees ends it, and a later one enforces again`() async throws {
        let world = await enforced()
        _ = try await relax(world)
        await world.apply(World.wish("example.com", mode: .enforce))
        #expect(await world.apply(World.wish("example.com", mode: .testing)).map(\.kind) == [.nothingToDo])
        #expect(try await world.ledger.ledger(of: zone).steering.relaxation == nil)
        await world.apply(World.wish("example.com", mode: .enforce))
        #expect(try await mode(world) == .enforce)
    }

    @Test func `a greater generation ends it, and nothing less`() async throws {
        let world = await enforced()
        _ = try await relax(world)
        await world.apply(World.wish("example.com", mode: .enforce))
        await world.apply(World.wish("example.com", mode: .enforce, maxAge: 1_209_600))
        #expect(try await mode(world) == .testing)
        await world.apply(World.wish("example.com", mode: .enforce, generation: 2))
        #expect(try await mode(world) == .enforce)
        #expect(try await world.ledger.ledger(of: zone).steering.relaxation == nil)
    }

    @Test func `what is mild enough is told apart, and a zone that another run has`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com", mode: .testing))
        #expect(try await relax(world) == .mildEnough)
        #expect(try await relax(world, to: .none) == .relaxed)
        let held = await enforced()
        _ = try await held.ledger.acquire(
            zone, by: LeaseOwner(who: "job", runner: "there", command: "apply"), for: 60)
        guard case .busy(let words) = try await relax(held) else {
            Issue.record("the lease of another run was no obstacle")
            return
        }
        #expect(words.contains("example.com is being changed"))
    }

    @Test func `until when senders may refuse is told`() async throws {
        let world = await enforced()
        _ = try await relax(world)
        await world.apply(World.wish("example.com", mode: .enforce))
        let now = try await world.ledger.now()
        let until = try #require(try await world.ledger.ledger(of: zone).refusesUntil(now))
        #expect(until >= now + 604_800)
        world.ledger.advance(until - now)
        #expect(try await world.ledger.ledger(of: zone).refusesUntil(until) == nil)
    }

    @Test func `a manifest that agrees, and can't be followed, keeps no policy strict`() async throws {
        let world = await enforced()
        let wish = World.wish("example.com", mode: .testing)
        world.mail("example.com", [])
        #expect(await world.apply(wish).map(\.kind) == [.blocked])
        #expect(try await mode(world) == .enforce)
        #expect(try await relax(world) == .relaxed)
        await world.apply(wish)
        #expect(try await mode(world) == .testing)
    }

    @Test func `a generation that was published, and not seen through, does not end it`() async throws {
        let world = await enforced()
        let wish = World.wish("example.com", mode: .enforce, generation: 2)
        world.fail("write _mta-sts.example.com", .before)
        #expect(await world.apply(wish).map(\.kind) == [.failed])
        #expect(try await relax(world, asked: 2) == .relaxed)
        await world.apply(wish)
        #expect(try await mode(world) == .testing)
        #expect(try await world.ledger.ledger(of: zone).steering.relaxation != nil)
    }

    @Test func `a run that ended between the policy and its id is made up for, also where the zone is blocked`()
        async throws
    {
        let world = await enforced()
        let wish = World.wish("example.com", mode: .enforce)
        world.mail("example.com", [])
        _ = try await relax(world)
        world.fail("write _mta-sts.example.com", .before)
        await world.apply(wish)
        let id = try #require(try await world.host.policy(for: zone)?.id)
        #expect(try await relax(world) == .relaxed, "said again, it is done to the end")
        await world.apply(wish)
        let record = world.dns.sets[World.key("_mta-sts.example.com", .txt)]
        #expect(record?.lines.joined().contains(id.text) ?? false)
        #expect(try await world.plan(wish).steps.isEmpty)
    }

    @Test func `an unreadable manifest and a record that somebody took away don't keep it from being announced`()
        async throws
    {
        let world = await enforced()
        _ = try await relax(world)
        world.dns.remove(World.key("_mta-sts.example.com", .txt))
        await world.apply(ZoneWish(zone: zone, wish: .unknown, digest: ""))
        let id = try #require(try await world.host.policy(for: zone)?.id)
        let record = world.dns.sets[World.key("_mta-sts.example.com", .txt)]
        #expect(record?.lines.joined().contains(id.text) ?? false)
    }

    @Test func `an enforced policy whose publication was begun counts as out`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com", mode: .testing))
        world.fail("put", .after)
        await world.apply(World.wish("example.com", mode: .enforce))
        #expect(try await relax(world) == .relaxed)
    }
}
