import DNS
import Doubles
import Planning
import Ports
import Reconciler
import Testing

/// What a person does by hand under a zone's lease: end its wait, revoke its certificate.
@Suite struct ByHandTests {
    private static let zone = World.name("a.example")
    private static let owner = LeaseOwner(who: "alice", runner: "laptop", command: "certadns retry")

    private func ending(_ world: World, issuer: String? = "ca") -> WaitEnding {
        WaitEnding(store: world.ledger, owner: Self.owner, issuer: issuer)
    }

    private func isFree(_ world: World) async throws -> Bool {
        do throws(Failure) {
            try await world.ledger.release(world.ledger.acquire(Self.zone, by: Self.owner, for: 5))
            return true
        } catch {
            guard error.kind == .busy else { throw error }
            return false
        }
    }

    private func hold(_ world: World, until: Instant) async throws {
        let note = AuditNote(commit: nil, digest: nil, what: "x")
        try await world.ledger.withLease(of: Self.zone, by: Self.owner, for: 5) { (lease) async throws(Failure) in
            try await world.ledger.record(
                .issuance(.held(IssuanceHold(until: until, reason: "no", failures: 1))), under: lease, audit: note)
        }
    }

    @Test func `a wait is ended once, with the later of the zone's own and the account's told`() async throws {
        let world = await World.applied("a.example")
        let now = try await world.ledger.now()
        #expect(try await ending(world).end(World.name("b.example")) == .unknown)
        #expect(try await ending(world).end(Self.zone) == .none)
        try await hold(world, until: now + 50)
        #expect(
            try await ending(world, issuer: nil).end(Self.zone) == .ended(BudgetRefusal(until: now + 50, reason: "no")))
        try await hold(world, until: now + 50)
        for issuer in ["ca", "other"] {
            try await world.ledger.holdAll(of: issuer, BudgetRefusal(until: now + 90, reason: "busy"))
        }
        #expect(try await ending(world).end(Self.zone) == .ended(BudgetRefusal(until: now + 90, reason: "busy")))
        #expect(try await world.ledger.ledger(of: Self.zone).issuance.hold == nil)
        #expect(try await world.ledger.hold(of: "ca") == nil)
        #expect(try await world.ledger.hold(of: "other") != nil, "another CA's word stands")
        #expect(try await ending(world).end(Self.zone) == .none)
        #expect(try await isFree(world))
    }

    @Test func `a zone in work is told as busy, and a failure leaves it free`() async throws {
        let world = await World.applied("a.example")
        try await hold(world, until: try await world.ledger.now() + 50)
        let lease = try await world.ledger.acquire(Self.zone, by: Self.owner, for: 5)
        guard case .busy = try await ending(world).end(Self.zone) else {
            Issue.record("not busy")
            return
        }
        try await world.ledger.release(lease)
        world.fail("record", .before)
        await #expect(throws: Failure.self) { try await ending(world).end(Self.zone) }
        #expect(try await isFree(world))
        guard case .ended = try await ending(world).end(Self.zone) else {
            Issue.record("not ended")
            return
        }
    }

    /// Revokes, with `answer` for the CA's; what was due when the CA was asked.
    private func revoke(
        _ world: World, failing kind: Failure.Kind? = nil, storeFails: Bool = false
    ) async throws -> (due: Instant?, failure: Failure?) {
        let ledger = world.ledger
        let facts = try #require(try await ledger.ledger(of: Self.zone).applied.certificate)
        var due: Instant?
        do throws(Failure) {
            try await Revocation(zone: Self.zone, of: facts, store: ledger, owner: Self.owner).perform {
                () async throws(Failure) in
                due = try await ledger.ledger(of: Self.zone).issuance.renewal?.at
                if storeFails { world.fail("record", .before) }
                if let kind { throw Failure(kind, "the CA's words") }
            }
            return (due, nil)
        } catch { return (due, error) }
    }

    @Test func `a certificate is due before the CA hears of its revocation, and stays so`() async throws {
        let world = await World.applied("a.example")
        world.ledger.advance(1_000)
        let now = try await world.ledger.now()
        try await hold(world, until: now + 50)
        try await world.ledger.holdAll(of: "ca", BudgetRefusal(until: now + 90, reason: "busy"))
        #expect(try await revoke(world).due == now)
        let issuance = try await world.ledger.ledger(of: Self.zone).issuance
        #expect(issuance.renewal?.at == now && issuance.hold == nil)
        #expect(try await world.ledger.hold(of: "ca") != nil, "what the CA said to the whole account stands")
        #expect(try await isFree(world))
    }

    @Test(arguments: [
        (Failure.Kind.rejected, false), (.configuration, false), (.unreachable, true), (.timedOut, true),
    ])
    func `a refusal takes that back; an answer that was lost does not`(kind: Failure.Kind, staysDue: Bool) async throws
    {
        let world = await World.applied("a.example")
        world.ledger.advance(1_000)
        let now = try await world.ledger.now()
        let before = try await world.ledger.ledger(of: Self.zone).issuance.renewal?.at
        let (due, failure) = try await revoke(world, failing: kind)
        #expect(due == now && failure?.kind == kind)
        #expect(try await world.ledger.ledger(of: Self.zone).issuance.renewal?.at == (staysDue ? now : before))
        #expect(try await isFree(world))
    }

    @Test func `that the CA's yes could not be written down makes no good certificate of it`() async throws {
        let world = await World.applied("a.example")
        world.ledger.advance(1_000)
        let now = try await world.ledger.now()
        #expect(try await revoke(world, storeFails: true).failure != nil)
        #expect(try await world.ledger.ledger(of: Self.zone).issuance.renewal?.at == now)
        #expect(try await isFree(world))
    }
}
