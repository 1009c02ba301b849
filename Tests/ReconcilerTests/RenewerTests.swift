import DNS
import Doubles
import Findings
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// Renewal by itself: from the ledger alone, what expires first goes first, nobody held up by another's failure.
@Suite struct RenewerTests {
    private static let day = 86_400
    private static let names = ["a.example", "b.example", "c.example", "d.example"]

    /// Four zones with certificates of 90 days, applied an hour apart.
    private static func world() async throws -> World {
        let world = World()
        for name in names {
            world.mail(name, ["mx.\(name)"])
            await world.apply(World.wish(name))
            world.ledger.advance(3_600)
        }
        return world
    }

    private static func renewer(
        _ world: World, concurrency: Int = 1, stop: @escaping @Sendable () -> Bool = { false },
        tell: @escaping @Sendable (ApplyEvent) -> Void = { _ in }
    ) -> Renewer {
        let run = ApplyRun(
            owner: LeaseOwner(who: "serve", runner: "here", command: "serve"), commit: nil,
            retry: RetryDecision(tries: 1), sleep: { _ in }, jitter: { 0 }, isStopping: stop, tell: tell)
        return Renewer(world.applier(run), store: world.ledger, run: run, concurrency: concurrency)
    }

    private static func fingerprints(_ world: World) async throws -> [String] {
        var all: [String] = []
        for name in names {
            all.append(try await world.ledger.ledger(of: World.name(name)).applied.certificate?.fingerprint ?? "")
        }
        return all
    }

    @Test func `what is not due is left alone, and the next due moment is known`() async throws {
        let world = try await Self.world()
        // The CA was asked about each in the apply that issued it.
        try await Self.renewer(world).round()
        #expect(world.host.issued == 4)
        #expect(try await Self.renewer(world).pause(atMost: 60) == 60)
        world.ledger.advance(Self.day - 4 * 3_600 - 5)
        #expect(try await Self.renewer(world).pause(atMost: 60) == 5, "then the first CA is asked again")
    }

    @Test func `what expires first is renewed first, and all that is due is renewed without a manifest`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        let order = Mutex<[DomainName]>([])
        try await Self.renewer(
            world,
            tell: { event in
                if case .done(let zone, _) = event { order.withLock { $0.append(zone) } }
            }
        ).round()
        #expect(order.withLock { $0 } == Self.names.map(World.name))
        #expect(world.host.issued == 8)
        for name in Self.names { #expect(try await world.plan(World.wish(name)).verdict == .inSync) }
        try await Self.renewer(world).round()
        #expect(world.host.issued == 8, "twice is once")
    }

    @Test func `one zone's failure stops no other, and it is tried again after a pause, not in a loop`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        world.faults.fail("issue", .before, kind: .unreachable)
        let outcomes = Mutex<[ZoneOutcome]>([])
        let renewer = Self.renewer(
            world,
            tell: { event in
                if case .ended(let outcome) = event { outcomes.withLock { $0.append(outcome) } }
            })
        try await renewer.round()
        #expect(outcomes.withLock { $0.map(\.kind) } == [.failed, .applied, .applied, .applied])
        #expect(try await renewer.pause(atMost: 600) == 60)
        try await renewer.round()
        #expect(world.host.issued == 7)
        world.ledger.advance(60)
        try await renewer.round()
        #expect(world.host.issued == 8)
    }

    @Test func `what a CA refuses is held in the ledger, for every renewer`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        world.faults.fail("issue", .before, kind: .rejected)
        try await Self.renewer(world).round()
        let hold = try #require(try await world.ledger.ledger(of: World.name("a.example")).issuance.hold)
        try await Self.renewer(world).round()
        #expect(world.host.issued == 7)
        let now = try await world.ledger.now()
        world.ledger.advance(hold.until - now)
        try await Self.renewer(world).round()
        #expect(world.host.issued == 8)
    }

    @Test(arguments: [FaultPlan.Moment.before, .after])
    func `a delivery that failed is made up for once its cause is gone, and then the zone rests`(
        moment: FaultPlan.Moment
    ) async throws {
        var world = World()
        world.delivers = true
        let name = World.name("a.example")
        world.mail("a.example", ["mx.a.example"])
        await world.apply(World.wish("a.example"))
        world.ledger.advance(61 * Self.day)
        let renewer = Self.renewer(world)
        world.faults.fail("deliver mta-sts.a.example", moment, kind: .configuration)
        try await renewer.round()
        #expect(world.host.issued == 2)
        #expect(try await world.ledger.ledger(of: name).attention?.at == Instant(seconds: 0), "for every renewer")
        world.ledger.advance(60)
        try await renewer.round()
        #expect(try await world.host.delivered(for: World.name("mta-sts.a.example"))?.fingerprint == "2")
        #expect(world.host.issued == 2)
        #expect(try await world.ledger.ledger(of: name).intents.isEmpty)
        #expect(try await renewer.pause(atMost: 60) == 60)
    }

    @Test func `what took a run's patience is held in the ledger too, where a person can end it`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        world.faults.fail("issue", .before, kind: .unfinished)
        let renewer = Self.renewer(world)
        try await renewer.round()
        let zone = World.name("a.example")
        #expect(try await world.ledger.ledger(of: zone).issuance.hold?.failures == 1)
        #expect(await world.apply(World.wish("a.example")).map(\.kind) == [.held], "another run knows")
        let person = LeaseOwner(who: "person", runner: "here", command: "retry")
        let lease = try await world.ledger.acquire(zone, by: person, for: 10)
        let note = AuditNote(commit: nil, digest: nil, what: "ended by hand")
        try await world.ledger.record(.issuance(.waitEnded(issuer: nil)), under: lease, audit: note)
        try await world.ledger.release(lease)
        try await renewer.round()
        #expect(world.host.issued == 8, "by the serve that waited")
    }

    @Test func `a zone whose lease another run holds is skipped, and looked at again`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        let other = LeaseOwner(who: "other", runner: "there", command: "serve")
        let lease = try await world.ledger.acquire(World.name("a.example"), by: other, for: 1_000)
        let renewer = Self.renewer(world)
        try await renewer.round()
        #expect(world.host.issued == 7)
        try await world.ledger.release(lease)
        world.ledger.advance(10)
        try await renewer.round()
        #expect(world.host.issued == 8)
    }

    @Test func `two renewers at once issue one certificate a zone`() async throws {
        let world = World()
        let names = (0..<40).map { "z\($0).example" }
        for name in names {
            world.mail(name, ["mx.\(name)"])
            await world.apply(World.wish(name))
        }
        world.ledger.advance(61 * Self.day)
        let one = Self.renewer(world, concurrency: 8)
        let two = Self.renewer(world, concurrency: 8)
        for _ in 0..<3 {
            async let first: Void = one.round()
            async let second: Void = two.round()
            _ = try await (first, second)
            world.ledger.advance(10)
        }
        #expect(world.host.issued == 80)
    }

    @Test func `told to stop it begins no other zone`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        let isStopping = Mutex(false)
        try await Self.renewer(
            world, stop: { isStopping.withLock { $0 } },
            tell: { event in
                if case .done = event { isStopping.withLock { $0 = true } }
            }
        ).round()
        #expect(world.host.issued == 5)
        #expect(try await Self.fingerprints(world).filter { $0 == "5" }.count == 1)
    }

    @Test func `a stored certificate whose outcome was lost counts, and is not issued again`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        world.faults.fail(after: "store mta-sts.a.example", isRetryable: false)
        let renewer = Self.renewer(world)
        try await renewer.round()
        #expect(world.host.issued == 8)
        #expect(try await Self.fingerprints(world)[0] == "1")
        world.ledger.advance(60)
        try await renewer.round()
        #expect(world.host.issued == 8)
        #expect(try await Self.fingerprints(world)[0] == "5")
    }

    @Test func `the key of an order goes before the certificate is written down, and nobody has to come back for it`()
        async throws
    {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        let host = World.name("mta-sts.a.example")
        try await world.host.storePending(Redacted("key"), for: host)
        world.faults.fail(after: "store mta-sts.a.example", isRetryable: false)
        try await Self.renewer(world).round()
        #expect(try await Self.fingerprints(world)[0] == "1", "killed right before the outcome")
        #expect(try await world.host.pendingKey(for: host) == nil)
    }

    @Test func `a certificate found as wanted takes the key of its order along`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        let host = World.name("mta-sts.a.example")
        try await world.host.storePending(Redacted("key"), for: host)
        world.faults.fail("store mta-sts.a.example", .after)
        let renewer = Self.renewer(world)
        try await renewer.round()
        #expect(try await world.host.pendingKey(for: host) != nil, "killed right after the certificate was stored")
        world.ledger.advance(60)
        try await renewer.round()
        #expect(try await Self.fingerprints(world)[0] == "5")
        #expect(try await world.host.pendingKey(for: host) == nil)
    }

    @Test func `nothing but the certificate is touched, whatever became of the rest`() async throws {
        let world = try await Self.world()
        world.ledger.advance(61 * Self.day)
        world.text("_mta-sts.a.example", "v=STSv1; id=evil;")
        let sets = world.dns.sets
        try await Self.renewer(world).round()
        #expect(world.dns.sets == sets)
        #expect(world.host.issued == 8)
    }

    @Test func `no more zones than allowed are in hand at once`() async throws {
        let world = World()
        for number in 0..<30 {
            world.mail("z\(number).example", ["mx.z\(number).example"])
            await world.apply(World.wish("z\(number).example"))
        }
        world.ledger.advance(61 * Self.day)
        let hands = Mutex((now: 0, most: 0))
        try await Self.renewer(
            world, concurrency: 3,
            tell: { event in
                switch event {
                case .began: hands.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                case .ended: hands.withLock { $0.now -= 1 }
                default: break
                }
            }
        ).round()
        #expect(world.host.issued == 60)
        #expect((1...3).contains(hands.withLock(\.most)))
    }

    @Test func `a failure that repeats is told once a minute with a count, whichever zones it hits`() {
        let counts = FailureCounts(limit: 2)
        let now = ContinuousClock.now
        #expect(counts.told("the CA is down", of: nil, at: now) == 1)
        let told = (0..<5).compactMap { counts.told("z\($0).example: no", of: World.name("z\($0).example"), at: now) }
        #expect(told == [1])
        #expect(counts.told("the CA is down", of: nil, at: now + .seconds(59)) == nil)
        #expect(counts.told("the CA is down", of: nil, at: now + .seconds(60)) == 2)
        #expect(counts.told("z9.example: no", of: World.name("z9.example"), at: now + .seconds(61)) == 5)
        #expect(counts.told("another", of: nil, at: now) == 1, "bounded: all is told anew")
        #expect(counts.told("the CA is down", of: nil, at: now + .seconds(62)) == 1)
    }
}
