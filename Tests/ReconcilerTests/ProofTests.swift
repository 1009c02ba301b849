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
            do throws(Failure) { try await desk.challenges.withdraw(proof) } catch { failure = failure ?? error }
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
}
