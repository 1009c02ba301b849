import DNS
import Doubles
import Findings
import Planning
import Ports
import Reconciler
import Testing

/// Names of serve itself, applied and renewed in a small world.
@Suite struct OwnNameTests {
    private static let day = 86_400
    private static let key = CertificateOwner.ownName(World.name("reports.example")).key

    private static func wish() -> ZoneWish {
        let desired = DesiredZone(
            zone: key, providers: ["primary"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]))
        return ZoneWish(zone: key, wish: .desired(desired), digest: "d")
    }

    private static func renewer(_ world: World, own: [ZoneWish] = [wish()]) -> Renewer {
        let run = ApplyRun(
            owner: LeaseOwner(who: "serve", runner: "here", command: "serve"), commit: nil,
            retry: RetryDecision(tries: 1), sleep: { _ in }, jitter: { 0 }, isStopping: { false }, tell: { _ in })
        return Renewer(world.applier(run), store: world.ledger, run: run, own: own)
    }

    private static func held(_ world: World, _ host: String = "reports.example") async throws -> String? {
        try await world.host.certificate(for: World.name(host))?.fingerprint
    }

    @Test func `an apply issues its certificate, writes nothing else, and applying twice is applying once`()
        async throws
    {
        let world = World()
        let sets = world.dns.sets
        #expect(await world.apply(Self.wish()).map(\.kind) == [.applied])
        #expect(await world.apply(Self.wish()).map(\.kind) == [.nothingToDo])
        #expect(world.host.issued == 1)
        #expect(world.dns.sets == sets)
        #expect(try await Self.held(world) == "1")
        #expect(try await world.plan(Self.wish()).verdict == .inSync)
        #expect(try await world.status(Self.wish()).state == .ready)
    }

    @Test func `serve issues what is lacking at its start, two of them once, and renews it alone`() async throws {
        let world = World()
        let (one, two) = (Self.renewer(world), Self.renewer(world))
        for _ in 0..<3 {
            async let first: Void = one.round()
            async let second: Void = two.round()
            _ = try await (first, second)
            world.ledger.advance(10)
        }
        #expect(world.host.issued == 1)
        world.ledger.advance(61 * Self.day)
        try await one.round()
        #expect(world.host.issued == 2)
        #expect(try await Self.held(world) == "2")
        try await one.round()
        #expect(world.host.issued == 2, "twice is once")
    }

    @Test func `another issuer in the configuration brings another certificate`() async throws {
        let world = World()
        try await Self.renewer(world).round()
        var wish = Self.wish()
        let desired = DesiredZone(
            zone: Self.key, providers: ["primary"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]), issuer: "other")
        wish.wish = .desired(desired)
        try await Self.renewer(world, own: [wish]).round()
        #expect(world.host.issued == 2)
    }

    @Test func `a refusal is a hold, for serve too, and then tried again`() async throws {
        let world = World()
        world.faults.fail("issue", .before, kind: .rejected)
        let renewer = Self.renewer(world)
        try await renewer.round()
        let hold = try #require(try await world.ledger.ledger(of: Self.key).issuance.hold)
        let now = try await world.ledger.now()
        try await renewer.round()
        #expect(world.host.issued == 0)
        #expect(try await renewer.pause(atMost: 100_000) == hold.until - now)
        world.ledger.advance(hold.until - now)
        try await renewer.round()
        #expect(world.host.issued == 1)
    }

    @Test(arguments: [true, false])
    func `no longer named it is kept and not renewed, and named again it needs no order`(byApply: Bool) async throws {
        let world = World()
        try await Self.renewer(world).round()
        if byApply {
            let wishes = try await world.planner.wishes([], only: nil, now: try await world.ledger.now())
            #expect(wishes.map(\.wish) == [.gone])
            let outcomes = await world.apply(all: wishes)
            #expect(outcomes.map(\.kind) == [.nothingToDo])
            #expect(outcomes.first?.detail.contains("not renewed any more") == true)
        } else {
            world.ledger.advance(61 * Self.day)
            try await Self.renewer(world, own: []).round()
        }
        #expect(try await Self.held(world) == "1", "nothing is deleted")
        #expect(try await world.planner.wishes([], only: nil, now: try await world.ledger.now()).isEmpty)
        #expect(try await world.ledger.nextRenewal(after: Instant(seconds: 0)) == nil)
        world.ledger.advance(61 * Self.day)
        try await Self.renewer(world, own: []).round()
        #expect(world.host.issued == 1)
        // Named again while it is good: held at once.
        world.ledger.advance(-61 * Self.day - (byApply ? 0 : 61 * Self.day))
        try await Self.renewer(world).round()
        #expect(world.host.issued == 1)
        #expect(try await world.ledger.ledger(of: Self.key).keepsCertificate)
    }

    @Test func `what was begun for a name that is gone ends: no proof, no order, no key`() async throws {
        let world = World()
        let name = World.name("_acme-challenge.reports.example")
        let proof = ChallengeProof.dns(name: name, value: "v")
        world.text("\(name)", "v")
        let owner = LeaseOwner(who: "killed", runner: "here", command: "apply")
        let lease = try await world.ledger.acquire(Self.key, by: owner, for: 60)
        let note = AuditNote(commit: nil, digest: nil, what: "")
        let order = OpenOrder(
            url: "https://ca.example/order/1", issuer: "local", names: [World.name("reports.example")],
            since: try await world.ledger.now())
        let intent = Intent(step: "s", resource: .certificate, at: order.since)
        for event in [
            LedgerEvent.intent(intent, policy: nil), .issuance(.ordered(order)), .issuance(.presented(proof)),
        ] {
            try await world.ledger.record(event, under: lease, audit: note)
        }
        try await world.host.storePending(Redacted("key"), for: World.name("reports.example"))
        try await world.ledger.release(lease)
        let wishes = try await world.planner.wishes([], only: nil, now: try await world.ledger.now())
        #expect(await world.apply(all: wishes).map(\.kind) == [.nothingToDo])
        let ledger = try await world.ledger.ledger(of: Self.key)
        #expect(ledger.issuance.order == nil && ledger.issuance.challenges.isEmpty && !ledger.isManaged)
        #expect(try await world.host.pendingKey(for: World.name("reports.example")) == nil)
        #expect(world.dns.sets[World.key("\(name)", .txt)] == nil)
    }

    @Test func `a mail domain called the same has its own ledger, lease and certificate`() async throws {
        let world = World()
        world.mail("reports.example", ["mx.reports.example"])
        let outcomes = await world.apply(World.wish("reports.example"), Self.wish())
        #expect(outcomes.map(\.kind) == [.applied, .applied])
        #expect(try await Self.held(world) != nil)
        #expect(try await Self.held(world, "mta-sts.reports.example") != nil)
        world.ledger.advance(61 * Self.day)
        let lease = try await world.ledger.acquire(
            World.name("reports.example"), by: LeaseOwner(who: "a", runner: "b", command: "c"), for: 1_000)
        let before = try await Self.held(world, "mta-sts.reports.example")
        try await Self.renewer(world).round()
        #expect(try await Self.held(world, "mta-sts.reports.example") == before)
        #expect(world.host.issued == 3, "the own name waits for nobody else's lease")
        try await world.ledger.release(lease)
        // The name goes, the domain stays.
        let wishes = try await world.planner.wishes(
            [World.wish("reports.example")], only: nil, now: try await world.ledger.now())
        _ = await world.apply(all: wishes)
        #expect(try await world.plan(World.wish("reports.example")).verdict == .inSync)
        #expect(try await world.ledger.ledger(of: World.name("reports.example")).applied.certificate != nil)
    }

    @Test(arguments: ["issue", "store reports.example"])
    func `killed around the order, the next run has one certificate`(call: String) async throws {
        let world = World()
        world.faults.fail(call, .after, kind: .storage)
        await world.apply(Self.wish(), retry: RetryDecision(tries: 1))
        try await Self.renewer(world).round()
        let held = try #require(try await Self.held(world))
        #expect(try await world.ledger.ledger(of: Self.key).applied.certificate?.fingerprint == held)
        #expect(world.host.issued == (call == "issue" ? 2 : 1))
    }

    @Test func `whichever call fails, before or after its effect, the next run of serve ends with one certificate`()
        async throws
    {
        for moment in [FaultPlan.Moment.before, .after] {
            var number = 0
            while true {
                let world = World()
                world.faults.fail(call: number, moment)
                await world.apply(Self.wish(), retry: RetryDecision(tries: 1))
                guard world.faults.calls.count > number else { break }
                world.faults.heal()
                try await Self.renewer(world).round()
                let held = try #require(try await Self.held(world), "call \(number)")
                let ledger = try await world.ledger.ledger(of: Self.key)
                #expect(ledger.applied.certificate?.fingerprint == held, "call \(number)")
                #expect(ledger.intents.isEmpty && ledger.issuance.order == nil, "call \(number)")
                #expect(try await world.plan(Self.wish()).verdict == .inSync, "call \(number)")
                number += 1
            }
            #expect(number >= 4)
        }
    }
}
