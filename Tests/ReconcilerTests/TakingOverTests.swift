import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// A live zone of somebody else's is taken over: nothing is known of it but what stands there.
@Suite struct TakingOverTests {
    private let zone = "example.com"
    private let host = World.key("mta-sts.example.com", .a)

    private func foreign() -> World {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        world.address("mta-sts.example.com", World.address("192.0.2.99"))
        return world
    }

    private func mode(_ world: World) -> Mode? {
        world.host.hosted(World.name(zone)).flatMap { try? Policy.parse(Array($0.body.utf8)) }?.mode
    }

    private func record(_ event: LedgerEvent, in world: World) async throws {
        let owner = LeaseOwner(who: "test", runner: "here", command: "test")
        let lease = try await world.ledger.acquire(World.name(zone), by: owner, for: 60)
        try await world.ledger.record(event, under: lease, audit: AuditNote(commit: nil, digest: nil, what: "test"))
        try await world.ledger.release(lease)
    }

    @Test func `what was assumed of another's policy is no evidence that mail arrives under enforce`() async throws {
        let world = foreign()
        let wish = World.wish(zone, mode: .enforce, adopt: true, proves: false)
        for _ in 0..<2 {
            await world.apply(wish)
            #expect(mode(world) == .testing)
            let plan = try await world.plan(wish)
            #expect(plan.steps.isEmpty && plan.holds.map(\.resource) == [.policy])
            #expect(plan.findings.contains { $0.code == .enforceUnproven })
        }
    }

    @Test func `what a receipt says of an enforced policy is`() async throws {
        let world = foreign()
        let body = PublishedBody(
            id: PolicyID("theirs") ?? PolicyID.make(counter: 1, digest: []),
            body: "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n")
        var other = ZoneLedger(zone: World.name(zone))
        other.published = [try #require(PolicyIdentity.row(for: body, ttl: 60, at: try await world.ledger.now()))]
        var wish = World.wish(zone, mode: .enforce, adopt: true, proves: false)
        wish.receipt = .read(ReleaseReceipt(for: other, at: try await world.ledger.now()))
        await world.apply(wish)
        #expect(mode(world) == .enforce)
    }

    @Test func `senders are led here only once the policy is served here`() async throws {
        let world = foreign()
        let wish = World.wish(zone, adopt: true)
        let steps = try await world.plan(wish).steps
        #expect(steps.map(\.resource) == [.tlsRPTRecord, .certificate, .policy, .policyHost, .mtaSTSRecord])
        #expect(steps.first { $0.resource == .policyHost }?.requires != nil)
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.dns.sets[host]?.lines.first?.hasSuffix("192.0.2.80") == true)
    }

    @Test(arguments: [nil, ChallengeProof.Kind.http01])
    func `while the CA is waited for they stay where they are`(proof: ChallengeProof.Kind?) async throws {
        let world = foreign()
        let until = try await world.ledger.now() + 86_400
        try await record(.issuance(.held(IssuanceHold(until: until, reason: "the CA waits", failures: 1))), in: world)
        let wish = Self.wish(by: proof)
        let plan = try await world.plan(wish)
        #expect(plan.steps.map(\.resource).filter { $0 != .policy } == [.tlsRPTRecord], "\(plan.steps)")
        #expect(plan.holds.contains { $0.resource == .policyHost && $0.until == until })
    }

    @Test func `by http-01 the host moves first, and the plan tells the gap`() async throws {
        let world = foreign()
        let plan = try await world.plan(Self.wish(by: .http01))
        #expect(plan.steps.map(\.resource).prefix(3) == [.tlsRPTRecord, .policyHost, .certificate])
        #expect(plan.findings.contains { $0.code == .hostFirst && $0.severity == .note })
        let usual = try await world.plan(Self.wish(by: .dns01))
        #expect(!usual.findings.contains { $0.code == .hostFirst })
    }

    private static func wish(by proof: ChallengeProof.Kind?) -> ZoneWish {
        var wish = World.wish("example.com", adopt: true)
        guard case .desired(var desired) = wish.wish, let proof else { return wish }
        desired.challenge = proof
        desired.issuer = "acme"
        wish.wish = .desired(desired)
        return wish
    }

    @Test func `a host that another's record leads senders to is not taken away`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("issue", .before)
        await world.apply(World.wish(zone))
        #expect(world.dns.sets[host] != nil)
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        world.ledger.advance(86_400)
        let gone = ZoneWish(zone: World.name(zone), wish: .gone, digest: "")
        let plan = try await world.plan(gone)
        #expect(plan.verdict == .blocked && !plan.steps.contains { $0.resource == .policyHost })
        #expect(plan.firstError?.contains("_mta-sts.example.com is not ours") == true, "\(plan.firstError ?? "")")
        world.dns.remove(World.key("_mta-sts.example.com", .txt))
        await world.apply(gone)
        #expect(world.dns.sets[host] == nil)
    }
}
