import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// What MX was seen is remembered also while nobody applies: steadily, under the lease for no longer than it takes, and only what was seen.
@Suite struct MailHistorianTests {
    private static let names = ["a.example", "b.example", "c.example", "d.example"]

    private static func world(_ wish: (String) -> ZoneWish = { World.wish($0, mode: .enforce) }) async -> World {
        let world = World()
        for name in names {
            world.mail(name, ["mx.\(name)"])
            await world.apply(wish(name))
        }
        return world
    }

    private static func historian(
        _ world: World, sleep: @escaping @Sendable (Int) async throws -> Void = { _ in },
        stop: @escaping @Sendable () -> Bool = { false }
    ) -> MailHistorian {
        let run = ApplyRun(
            owner: LeaseOwner(who: "serve", runner: "here", command: "serve"), commit: nil, sleep: sleep,
            jitter: { 0 }, isStopping: stop, tell: { _ in })
        return MailHistorian(
            store: world.ledger, run: run, concurrency: 2, readers: { _, _ in world.readers },
            failed: { Issue.record("\($0): \($1)") })
    }

    private static func seen(_ world: World, _ name: String) async throws -> [String: MXSeen] {
        let rows = try await world.ledger.ledger(of: World.name(name)).mxSeen
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.host.description, $0) })
    }

    @Test func `who came and who left is written down at the pace of one look a zone and interval, spread over it`()
        async throws
    {
        let world = await Self.world()
        world.ledger.advance(3_600)
        let now = try await world.ledger.now()
        world.mail("a.example", ["new.a.example"])
        let pauses = Mutex<[Int]>([])
        try await Self.historian(world, sleep: { pause in pauses.withLock { $0.append(pause) } }).pass()
        #expect(pauses.withLock { $0 } == [900_000, 900_000, 900_000, 900_000])
        let first = try await Self.seen(world, "a.example")
        #expect(first["mx.a.example"]?.left == now && first["new.a.example"]?.first == now)
        #expect(first["new.a.example"]?.ttl == 300)
        for name in Self.names.dropFirst() { #expect(try await Self.seen(world, name)["mx.\(name)"]?.last == now) }
        // The hour of the new host runs, though nobody applied when it came.
        world.ledger.advance(3_600)
        await world.apply(World.wish("a.example", mode: .enforce))
        #expect(world.host.hosted(World.name("a.example"))?.body.contains("mx: new.a.example") ?? false)
    }

    @Test func `a zone whose lease another holds is left to it, and no lease is taken where nothing is to write`()
        async throws
    {
        let world = await Self.world()
        world.ledger.advance(3_600)
        let now = try await world.ledger.now()
        let held = try await world.ledger.acquire(
            World.name("b.example"), by: LeaseOwner(who: "ci", runner: "there", command: "apply"), for: 600)
        try await Self.historian(world).pass()
        #expect(try await Self.seen(world, "b.example")["mx.b.example"]?.last != now)
        #expect(try await Self.seen(world, "c.example")["mx.c.example"]?.last == now)
        try await world.ledger.release(held)
        // The fencing number grows with each holder.
        let before = try await fencing(world, "c.example")
        try await Self.historian(world).pass()
        #expect(try await fencing(world, "c.example") == before + 1, "nobody but this test took it")
    }

    private func fencing(_ world: World, _ name: String) async throws -> Int64 {
        let owner = LeaseOwner(who: "test", runner: "here", command: "test")
        let lease = try await world.ledger.acquire(World.name(name), by: owner, for: 60)
        try await world.ledger.release(lease)
        return lease.fencing
    }

    @Test func `what can't be read, or no server vouches for, is written down as nothing`() async throws {
        var world = await Self.world()
        world.ledger.advance(3_600)
        let before = try await world.ledger.ledgers().map(\.mxSeen)
        for name in Self.names { world.dns.setUnknown(World.key(name, .mx)) }
        try await Self.historian(world).pass()
        #expect(try await world.ledger.ledgers().map(\.mxSeen) == before)
        for name in Self.names { world.dns.setUnknown(World.key(name, .mx), false) }
        world.mailServers = SilentServers()
        try await Self.historian(world).pass()
        #expect(try await world.ledger.ledgers().map(\.mxSeen) == before)
    }

    @Test func `only zones whose policy follows MX are looked at, and one that is told to stop ends`() async throws {
        let listed = await Self.world { name in
            World.wish(name, mode: .enforce, mx: .patterns([MXPattern(exactly: World.name("mx.\(name)"))]))
        }
        listed.ledger.advance(3_600)
        let before = try await listed.ledger.ledgers().map(\.mxSeen)
        try await Self.historian(listed).pass()
        #expect(try await listed.ledger.ledgers().map(\.mxSeen) == before)
        let world = await Self.world()
        world.ledger.advance(3_600)
        let known = try await world.ledger.ledgers().map(\.mxSeen)
        try await Self.historian(world, stop: { true }).pass()
        #expect(try await world.ledger.ledgers().map(\.mxSeen) == known)
    }
}

/// Servers of which none answers from here.
private struct SilentServers: MailHostWatcher {
    func mailHosts(of zone: DomainName) async -> [MailHostWord] { [] }
}
