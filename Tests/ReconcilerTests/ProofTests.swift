import DNS
import Doubles
import Planning
import Ports
import Reconciler
import Testing

/// Proofs of control in a world of its own moods: servers that never show them, a primary that takes none away.
@Suite struct ProofTests {
    private static let zone = World.name("example.com")
    private static let place = World.name("_acme-challenge.mta-sts.example.com")
    private let wish = World.wish("example.com")

    /// Issues as the host does, after a proof of control that it takes away again.
    private struct Prover: CertificateIssuer {
        let name = "local"
        let host: MemoryHost

        func issue(
            _ request: CertificateRequest, at desk: IssuanceDesk
        ) async throws(Failure) -> CertificateMaterial {
            let proof = ChallengeProof.dns(name: ProofTests.place, value: "ours")
            var failure: Failure?
            do throws(Failure) { try await desk.challenges.present(proof) } catch { failure = error }
            do throws(Failure) { try await desk.challenges.withdraw(proof) } catch {}
            if let failure { throw failure }
            return try await host.issue(request, at: desk)
        }
    }

    /// Servers of which one never shows anything.
    private struct Laggard: PropagationWatcher {
        func look(for value: TextData, at name: DomainName, quorum: Int?, isWhole: Bool) async -> PropagationLook {
            PropagationLook(showing: ["ns1"], lacking: ["ns2"], silent: [], isWhole: isWhole)
        }
    }

    private func world(watcher: (any PropagationWatcher)? = nil) -> World {
        var world = World()
        world.mail("example.com", ["mx.example.com"])
        world.issuer = Prover(host: world.host)
        world.proving = ProvingPorts(kinds: [.dns01], watcher: watcher, wait: 2)
        return world
    }

    @Test
    func `a proof that a name server never shows holds the zone in the ledger, for every run, until a person ends it`()
        async throws
    {
        let world = world(watcher: Laggard())
        let outcome = await world.apply(wish)[0]
        #expect(outcome.kind == .failed)
        #expect(
            outcome.detail.contains("without it: ns2")
                && outcome.detail.contains("unless 'certadns retry' ends the wait"))
        let hold = try #require(try await world.ledger.ledger(of: Self.zone).issuance.hold)
        #expect(hold.until == (try await world.ledger.now()) + 600)
        #expect(try await world.plan(wish).holds.first?.resource == .certificate)
        let person = LeaseOwner(who: "person", runner: "here", command: "retry")
        let end = try await WaitEnding(store: world.ledger, owner: person, issuer: nil).end(Self.zone)
        #expect(end == .ended(BudgetRefusal(until: hold.until, reason: hold.reason)))
        #expect(try await world.plan(wish).steps.contains { $0.resource == .certificate })
    }

    /// A proof that a killed run left, of a zone that has a certificate or not, at a primary that takes no more updates there.
    private func leftover(in world: World) async throws {
        let lease = try await world.ledger.acquire(
            Self.zone, by: LeaseOwner(who: "killed", runner: "here", command: "apply"), for: 120)
        try await world.ledger.record(
            .issuance(.presented(.dns(name: Self.place, value: "theirs"))), under: lease,
            audit: AuditNote(commit: nil, digest: nil, what: "killed"))
        try await world.ledger.release(lease)
        world.texts("\(Self.place)", ["theirs"])
        world.faults.fail("write \(Self.place)", .before, kind: .rejected, isRetryable: true, times: 1_000)
    }

    private func left(_ world: World) async throws -> [ChallengeProof] {
        try await world.ledger.ledger(of: Self.zone).issuance.challenges
    }

    @Test func `a proof that can't be taken away keeps no step from its turn; it is told, and tried again`()
        async throws
    {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        try await leftover(in: world)
        let outcome = await world.apply(wish)[0]
        #expect(outcome.kind == .failed && outcome.failedStep == .challenge, "\(outcome)")
        #expect(outcome.detail.contains("is left behind") && outcome.detail.contains("the test made"))
        #expect(world.host.issued == 1)
        #expect(try await world.ledger.ledger(of: Self.zone).desired != nil, "the manifest is live")
        #expect(try await left(world).count == 1)
        #expect(await world.apply(wish).map(\.kind) == [.failed])
        world.faults.heal()
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(try await left(world).isEmpty)
        #expect(world.dns.sets[RecordKey(name: Self.place, type: .txt)] == nil)
        #expect(await world.apply(wish).map(\.kind) == [.nothingToDo])
    }

    @Test func `nor does it keep serve from a renewal that is due`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(wish)
        world.ledger.advance(61 * 86_400)
        try await leftover(in: world)
        let run = ApplyRun(
            owner: LeaseOwner(who: "serve", runner: "here", command: "serve"), commit: nil,
            retry: RetryDecision(tries: 1), sleep: { _ in }, jitter: { 0 }, isStopping: { false }, tell: { _ in })
        let renewer = Renewer(world.applier(run), store: world.ledger, run: run)
        try await renewer.round()
        #expect(world.host.issued == 2)
        #expect(try await left(world).count == 1)
        world.faults.heal()
        world.ledger.advance(60)
        try await renewer.round()
        #expect(try await left(world).isEmpty && world.host.issued == 2)
    }

    @Test func `a proof of its own that can't be taken away is left to the next run, the certificate is held`()
        async throws
    {
        let world = world()
        // The first write publishes it; from then on the primary takes none.
        world.faults.watch { call in
            guard call == "write \(Self.place)" else { return }
            world.faults.fail(call, .before, kind: .rejected, isRetryable: true, times: 1_000)
        }
        let outcome = await world.apply(wish)[0]
        #expect(outcome.kind == .failed && outcome.failedStep == .challenge, "\(outcome)")
        #expect(world.host.issued == 1)
        #expect(try await world.ledger.ledger(of: Self.zone).desired != nil)
        world.faults.watch { _ in }
        world.faults.heal()
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(try await left(world).isEmpty)
    }

    @Test(arguments: [true, false])
    func `without the alias that leads to the challenge provider the record to add is printed`(
        hasProvider: Bool
    ) async throws {
        var world = world()
        if hasProvider { world.proving = ProvingPorts(kinds: [.dns01], delegated: MemoryDNS(), wait: 2) }
        world.faults.fail("write \(Self.place)", .before, kind: .rejected, times: 1_000)
        let outcome = await world.apply(wish)[0]
        #expect(outcome.kind == .failed)
        let record = "_acme-challenge.mta-sts.example.com. 3600 IN CNAME NAME."
        #expect(outcome.detail.contains(record) == hasProvider, "\(outcome.detail)")
    }
}
