import DNS
import Doubles
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// How a renewer rests after what no CA asked for, and how a person ends that.
@Suite struct RestTests {
    private static let day = 86_400
    private static let zone = World.name("a.example")
    private static let person = LeaseOwner(who: "alice", runner: "laptop", command: "certadns retry")

    private static func renewer(_ world: World) -> Renewer {
        let run = ApplyRun(
            owner: LeaseOwner(who: "serve", runner: "here", command: "serve"), commit: nil,
            retry: RetryDecision(tries: 1), sleep: { _ in }, jitter: { 0 }, isStopping: { false }, tell: { _ in })
        return Renewer(world.applier(run), store: world.ledger, run: run)
    }

    private static func ending(_ world: World, rules: BudgetRules? = nil) -> WaitEnding {
        WaitEnding(store: world.ledger, owner: person, issuer: "ca", rules: rules)
    }

    @Test func `a rest for a CA that is away ends by hand, in the renewer that rests, and binds no run by hand`()
        async throws
    {
        let world = await World.applied("a.example")
        world.ledger.advance(61 * Self.day)
        let renewer = Self.renewer(world)
        for failures in 1...4 {
            world.faults.fail("issue", .before, kind: .unreachable)
            try await renewer.round()
            let now = try await world.ledger.now()
            let rest = try #require(try await world.ledger.ledger(of: Self.zone).issuance.rest)
            #expect(rest.until == now + 60 << (failures - 1) && rest.failures == failures)
            world.ledger.advance(rest.until - now - (failures == 4 ? 1 : 0))
        }
        try await renewer.round()
        #expect(world.host.issued == 1, "it rests on")
        guard case .ended(let wait) = try await Self.ending(world).end(Self.zone) else {
            Issue.record("there was nothing to end")
            return
        }
        #expect(wait.until == (try await world.ledger.now()) + 1)
        #expect(try await Self.ending(world).end(Self.zone) == .none)
        try await renewer.round()
        #expect(world.host.issued == 2)
        #expect(try await world.ledger.ledger(of: Self.zone).issuance.rest == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a wait that ends by hand is heard of while another zone is in hand, however long that takes`() async throws {
        var world = await World.applied("a.example")
        world.mail("b.example", ["mx.b.example"])
        await world.apply(World.wish("b.example"))
        let issuer = SlowIssuer(world.host, slow: World.name("mta-sts.a.example"))
        world.issuer = issuer
        world.ledger.advance(61 * Self.day)
        let renewer = Self.renewer(world)
        async let round: Void = renewer.round()
        let other = World.name("b.example")
        while try await world.ledger.ledger(of: other).issuance.rest == nil {
            try Task.checkCancellation()
            await Task.yield()
        }
        var isEnded = false
        while !isEnded {
            await Task.yield()
            if case .ended = try await Self.ending(world).end(other) { isEnded = true }
        }
        try await round
        #expect(world.host.issued == 4)
    }

    @Test func `a renewer started anew and a run by hand try at once, whatever another one rests for`() async throws {
        for byHand in [false, true] {
            let world = await World.applied("a.example")
            world.ledger.advance(61 * Self.day)
            world.faults.fail("issue", .before, kind: .timedOut)
            try await Self.renewer(world).round()
            if byHand { await world.apply(World.wish("a.example")) } else { try await Self.renewer(world).round() }
            #expect(world.host.issued == 2)
            #expect(try await Self.ending(world).end(Self.zone) == .none, "with the certificate the rest is over")
        }
    }

    @Test func `a rest for a web server that takes nothing ends by hand, too`() async throws {
        var world = World()
        world.delivers = true
        world.mail("a.example", ["mx.a.example"])
        await world.apply(World.wish("a.example"))
        world.ledger.advance(61 * Self.day)
        let renewer = Self.renewer(world)
        world.faults.fail("deliver mta-sts.a.example", .before, kind: .configuration)
        try await renewer.round()
        guard case .ended = try await Self.ending(world).end(Self.zone) else {
            Issue.record("there was nothing to end")
            return
        }
        try await renewer.round()
        #expect(try await world.host.delivered(for: World.name("mta-sts.a.example"))?.fingerprint == "2")
        #expect(try await Self.ending(world).end(Self.zone) == .none)
    }

    @Test func `no rest is longer than a tenth of what is left, however little that is`() async throws {
        let world = await World.applied("a.example")
        let end = try #require(try await world.ledger.ledger(of: Self.zone).applied.certificate).notAfter
        let renewer = Self.renewer(world)
        world.ledger.advance(end - (try await world.ledger.now()) - 50)
        world.faults.fail("issue", .before, kind: .unreachable)
        try await renewer.round()
        #expect(try await renewer.pause(atMost: 60) == 5)
        world.ledger.advance(5)
        try await renewer.round()
        #expect(world.host.issued == 2)
    }

    @Test func `a wait for the account's budget is told with its end, and is not ended by hand`() async throws {
        var world = await World.applied("a.example")
        let rules = BudgetRules(issuer: "local", limits: BudgetLimits(duplicates: .init(1, per: 100 * Self.day)))
        world.budget = rules
        let ending = Self.ending(world, rules: rules)
        #expect(try await ending.end(Self.zone) == .none, "nothing is due")
        // Its first order counts, and leaves no room.
        let lease = try await world.ledger.acquire(Self.zone, by: Self.person, for: 10)
        let now = try await world.ledger.now()
        let host = World.name("mta-sts.a.example")
        let claim = BudgetClaim(zone: Self.zone, host: host, registered: "a.example", expires: nil)
        #expect(try await world.ledger.take(claim, at: "local", within: rules.limits, under: lease) == nil)
        let first = OpenOrder(url: "u", issuer: "local", names: [host], since: now)
        let note = AuditNote(commit: nil, digest: nil, what: "x")
        try await world.ledger.record(.issuance(.ordered(first)), under: lease, audit: note)
        try await world.ledger.record(.issuance(.abandoned), under: lease, audit: note)
        #expect(try await world.ledger.take(claim, at: "local", within: rules.limits, under: lease) == nil)
        let facts = try #require(try await world.ledger.ledger(of: Self.zone).applied.certificate)
        try await world.ledger.record(
            .outcome(step: "", resource: .certificate, left: Publication(certificate: facts)), under: lease, audit: note
        )
        try await world.ledger.release(lease)
        world.ledger.advance(61 * Self.day)
        try await Self.renewer(world).round()
        #expect(world.host.issued == 1)
        guard case .budget(let wait) = try await ending.end(Self.zone) else {
            Issue.record("it does not wait for the budget")
            return
        }
        #expect(wait.until == now + 100 * Self.day && wait.reason.contains("is used up"))
        #expect(try await world.ledger.ledger(of: Self.zone).issuance.rest == nil, "the budget's is no rest")
    }
}

/// Lets one host wait until another one has its certificate, which it gets at the second try.
private final class SlowIssuer: CertificateIssuer {
    let name = "local"
    private let host: MemoryHost
    private let slow: DomainName
    private let tries = Mutex(0)

    init(_ host: MemoryHost, slow: DomainName) {
        self.host = host
        self.slow = slow
    }

    func issue(_ request: CertificateRequest, at desk: IssuanceDesk) async throws(Failure) -> CertificateMaterial {
        if request.names.first == slow {
            while tries.withLock({ $0 }) < 2, !Task.isCancelled { await Task.yield() }
        } else if tries.withLock({ tries in
            tries += 1; return tries
        }) < 2 {
            throw Failure(.unreachable, "the CA is away")
        }
        return try await host.issue(request, at: desk)
    }
}
