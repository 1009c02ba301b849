import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// A zone is released: all stays as it is, nobody takes it back unasked, and nothing is left half done.
@Suite struct ReleaseTests {
    private let zone = World.name("example.com")
    private let owner = LeaseOwner(who: "ops", runner: "here", command: "release")

    /// What was kept of receipts.
    private final class Shelf: Sendable {
        private let state = Mutex<ReleaseReceipt?>(nil)

        var receipt: ReleaseReceipt? { state.withLock { $0 } }

        var shelf: Releasing.Shelf {
            Releasing.Shelf(
                keep: { receipt in
                    self.state.withLock { $0 = receipt }
                    return nil
                }, discard: { self.state.withLock { $0 = nil } })
        }
    }

    private func release(
        _ world: World, manifest: String? = nil, force: Bool = false, to shelf: Shelf = Shelf()
    ) async throws -> Releasing.End {
        try await Releasing(store: world.ledger, owner: owner, force: force)
            .release(zone, manifest: manifest, to: shelf.shelf)
    }

    private func record(_ event: LedgerEvent, in world: World) async throws {
        let lease = try await world.ledger.acquire(zone, by: owner, for: 60)
        try await world.ledger.record(event, under: lease, audit: AuditNote(commit: nil, digest: nil, what: "test"))
        try await world.ledger.release(lease)
    }

    @Test(arguments: [true, false])
    func `the manifest from then takes nothing back, whoever has the records now`(adopt: Bool) async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let wish = World.wish("example.com", adopt: adopt)
        await world.apply(wish)
        #expect(try await release(world) == .released(leaving: []))
        let unchanged = try await world.plan(wish)
        #expect(unchanged.verdict == .blocked && unchanged.steps.isEmpty)
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        let before = world.dns.sets
        #expect(await world.apply(wish).map(\.kind) == [.blocked])
        let plan = try await world.plan(wish)
        #expect(plan.steps.isEmpty && plan.findings.first { $0.severity == .error }?.code == .zoneReleased)
        #expect(world.dns.sets == before)
        // Another manifest is another wish.
        let changed = World.wish("example.com", generation: 2, adopt: true)
        #expect(await world.apply(changed).map(\.kind) == [.applied])
        #expect(try await world.ledger.ledger(of: zone).steering.released == nil)
    }

    @Test func `nor does the one that was there, and not applied, when it was released`() async throws {
        let world = await World.applied("example.com")
        let waiting = World.wish("example.com", generation: 2)
        #expect(try await release(world, manifest: waiting.digest) == .released(leaving: []))
        for wish in [waiting, World.wish("example.com")] {
            #expect(try await world.plan(wish).verdict == .blocked)
        }
    }

    @Test func `what is under way is told, and left only by force`() async throws {
        let order = OpenOrder(url: "u", issuer: "acme", names: [], since: Instant(seconds: 1_800_000_000))
        let proof = ChallengeProof.http(host: World.name("mta-sts.example.com"), token: "t", content: "c")
        let relaxation = Relaxation(
            to: .testing, reason: "mail is refused", at: Instant(seconds: 1_800_000_000), generation: 1)
        let intent = Intent(step: "s", resource: .mtaSTSRecord, at: Instant(seconds: 1_800_000_000))
        let open: [(LedgerEvent, String)] = [
            (.issuance(.ordered(order)), "order"), (.issuance(.presented(proof)), "proofs of control"),
            (.relaxed(relaxation), "mail is refused"), (.intent(intent, policy: nil), "began steps"),
        ]
        for (event, words) in open {
            let world = await World.applied("example.com")
            try await record(event, in: world)
            let shelf = Shelf()
            guard case .refused(let refusal) = try await release(world, to: shelf) else {
                Issue.record("released with \(words)")
                continue
            }
            #expect(refusal.message.contains(words) && refusal.action.contains("--force"), "\(refusal)")
            #expect(shelf.receipt == nil)
            #expect(try await world.ledger.ledger(of: zone).isManaged)
            #expect(
                try await release(world, force: true, to: shelf) == .released(leaving: [refusal.message]))
            let ledger = try await world.ledger.ledger(of: zone)
            #expect(!ledger.isManaged && ledger.steering.relaxation == nil)
        }
    }

    @Test func `a policy that was begun counts as out in the receipt`() async throws {
        let world = await World.applied("example.com")
        world.fail("write _mta-sts.example.com", .before)
        await world.apply(World.wish("example.com", maxAge: 86_400))
        let shelf = Shelf()
        _ = try await release(world, force: true, to: shelf)
        #expect(shelf.receipt?.served.count == 2)
        #expect(shelf.receipt?.served.last?.cachedUntil == nil)
    }

    @Test func `a receipt of what did not come to be is taken back, of what did it stays`() async throws {
        let world = await World.applied("example.com")
        let shelf = Shelf()
        world.fail("record", .before)
        await #expect(throws: Failure.self) { _ = try await release(world, to: shelf) }
        #expect(shelf.receipt == nil)
        #expect(try await world.ledger.ledger(of: zone).isManaged)
        world.fail("record", .after)
        #expect(try await release(world, to: shelf) == .released(leaving: []))
        #expect(shelf.receipt != nil)
        guard case .refused = try await release(world) else {
            Issue.record("released twice")
            return
        }
        _ = try await world.ledger.acquire(zone, by: owner, for: 60)
    }
}
