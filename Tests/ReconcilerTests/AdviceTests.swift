import DNS
import Doubles
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// The CA's own word on when to renew (RFC 9773), asked in an apply.
@Suite struct AdviceTests {
    private static let zone = World.name("example.com")
    private static let day = 86_400

    private static func world() -> World {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        return world
    }

    private static func window(_ world: World, _ from: Int, _ to: Int, again: Int = 3_600) async throws {
        let now = try await world.ledger.now()
        world.host.advise(
            .success(
                RenewalAdvice(start: now + from, end: now + to, explanation: "https://ca.example/why", again: again)))
    }

    private static func renewal(_ world: World) async throws -> RenewalMoment? {
        try await world.ledger.ledger(of: zone).issuance.renewal
    }

    @Test func `a fresh certificate is asked about in the apply that issued it, and then when the CA says`()
        async throws
    {
        let world = Self.world()
        try await Self.window(world, 30 * Self.day, 31 * Self.day)
        let begun = try await world.ledger.now()
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.applied])
        let first = try #require(try await Self.renewal(world))
        #expect(first.fingerprint == "1" && first.at == begun + 30 * Self.day)
        let plan = try await world.plan(World.wish("example.com"))
        #expect(plan.renewal?.at == first.at && plan.renewal?.explanation == "https://ca.example/why")
        await world.apply(World.wish("example.com"))
        #expect(world.host.asked == 1, "not before the CA wants to be asked")
        world.ledger.advance(3_600)
        await world.apply(World.wish("example.com"))
        #expect(world.host.asked == 2)
        #expect(try await Self.renewal(world)?.askAgain == begun + 7_200)
    }

    @Test func `a window that moved into the past renews in the same apply, and the new certificate is asked about`()
        async throws
    {
        let world = Self.world()
        try await Self.window(world, 30 * Self.day, 31 * Self.day)
        await world.apply(World.wish("example.com"))
        world.ledger.advance(3_600)
        try await Self.window(world, -200, -100)
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.applied])
        #expect(world.host.issued == 2)
        #expect(try await Self.renewal(world)?.fingerprint == "2")
    }

    @Test func `what was reviewed is not overtaken by what the CA says meanwhile`() async throws {
        let world = Self.world()
        try await Self.window(world, 30 * Self.day, 31 * Self.day)
        await world.apply(World.wish("example.com"))
        world.ledger.advance(3_600)
        try await Self.window(world, -200, -100)
        let reviewed = try await world.plan(World.wish("example.com"))
        let outcomes = await world.apply(World.wish("example.com"), reviewed: [Self.zone: reviewed])
        #expect(outcomes.map(\.kind) == [.nothingToDo])
        #expect(world.host.issued == 1)
        #expect(try await world.plan(World.wish("example.com")).steps.map(\.verb) == [.renew], "it is due next time")
    }

    @Test func `a CA that can't be asked fails no zone, keeps the moment, and is left alone by the others`()
        async throws
    {
        let world = Self.world()
        world.mail("example.org", ["mx.example.org"])
        world.host.advise(.failure(Failure(.unreachable, retryable: true, "the CA is down")))
        let outcomes = await world.apply(World.wish("example.com"), World.wish("example.org"))
        #expect(outcomes.map(\.kind) == [.applied, .applied])
        #expect(world.host.asked == 1, "one question shows that it is down")
        let drawn = try #require(try await Self.renewal(world))
        #expect(drawn.failures == 1)
        world.ledger.advance(301)
        await world.apply(World.wish("example.com"))
        #expect(try await Self.renewal(world)?.at == drawn.at)
        #expect(try await Self.renewal(world)?.failures == 2)
    }

    @Test func `planning asks nobody and writes nothing`() async throws {
        let world = Self.world()
        await world.apply(World.wish("example.com"))
        world.ledger.advance(2 * Self.day)
        let asked = world.host.asked
        _ = try await world.plan(World.wish("example.com"))
        #expect(world.host.asked == asked)
    }

    @Test func `whoever will issue is held to CAA: another issuer, and one who replaces a lost certificate`()
        async throws
    {
        let world = Self.world()
        await world.apply(World.wish("example.com"))
        let asked = Mutex<Set<RecordType>>([])
        let watching = WatchedResolver(world.dns) { type in asked.withLock { _ = $0.insert(type) } }
        let readers = ZoneReaders(
            dns: world.dns, resolver: watching, forgetfulResolver: watching, probe: world.host,
            probesFixedPlace: false, policies: world.host, certificates: world.host,
            issuer: { IssuerIdentity(names: ["ca.example"], account: nil, methods: []) })
        let now = try await world.ledger.now()
        let ledger = try await world.ledger.ledger(of: Self.zone)
        func isAsked(_ wish: ZoneWish) async -> Bool {
            asked.withLock { $0 = [] }
            _ = await Observer(readers).look(at: Self.zone, needs: LookNeeds.of(wish, ledger: ledger, now: now))
            return asked.withLock { $0.contains(.caa) }
        }
        let wish = World.wish("example.com")
        #expect(await !isAsked(wish), "a certificate that stays needs nobody's leave")
        guard case .desired(var desired) = wish.wish else { return }
        desired.issuer = "another"
        #expect(await isAsked(ZoneWish(zone: Self.zone, wish: .desired(desired), digest: "")))
        world.host.lose(certificateOf: World.name("mta-sts.example.com"))
        #expect(await isAsked(wish))
    }

    @Test func `a CA of our own needs no CAA record, so nobody is asked for one`() async throws {
        let world = Self.world()
        let asked = Mutex<Set<RecordType>>([])
        let watching = WatchedResolver(world.dns) { type in asked.withLock { _ = $0.insert(type) } }
        for identity in [nil, IssuerIdentity(names: ["ca.example"], account: nil, methods: [])] {
            let readers = ZoneReaders(
                dns: world.dns, resolver: watching, forgetfulResolver: watching, probe: world.host,
                probesFixedPlace: false, policies: world.host, certificates: world.host, issuer: { identity })
            _ = await Observer(readers).look(at: Self.zone)
            #expect(asked.withLock { $0.contains(.caa) } == (identity != nil))
        }
    }
}

/// Tells what is asked.
private struct WatchedResolver: Resolver {
    private let resolver: any Resolver
    private let tell: @Sendable (RecordType) -> Void

    init(_ resolver: any Resolver, tell: @escaping @Sendable (RecordType) -> Void) {
        self.resolver = resolver
        self.tell = tell
    }

    func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
        tell(type)
        return await resolver.resolve(name, type)
    }
}
