import DNS
import Doubles
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// Writes that fail and may pass at the next try.
@Suite struct RetryTests {
    private static let zone = World.name("example.com")
    /// Every write of a new zone, as the doubles name them.
    private static let writes = [
        "write _smtp._tls.example.com", "write mta-sts.example.com", "issue", "store mta-sts.example.com",
        "put example.com", "write _mta-sts.example.com",
    ]

    private static func world() -> World {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        return world
    }

    @Test(arguments: writes, [FaultPlan.Moment.before, .after])
    func `a write that failed in passing is made again, and leaves one effect`(
        write: String, moment: FaultPlan.Moment
    ) async throws {
        let calm = Self.world()
        await calm.apply(World.wish("example.com"))
        let world = Self.world()
        world.faults.fail(write, moment, isRetryable: true)
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.applied])
        #expect(world.faults.calls.count { $0 == write } == 2)
        #expect(world.dns.sets == calm.dns.sets, "the same records, under the same id")
        #expect(world.host.hosted(Self.zone) == calm.host.hosted(Self.zone))
        let ledger = try await world.ledger.ledger(of: Self.zone)
        #expect(ledger.intents.isEmpty)
        let done = try await world.ledger.history(of: Self.zone, limit: 100).filter { $0.note.what.hasPrefix("done:") }
        #expect(done.count == 5, "one outcome a step")
        #expect(try await world.plan(World.wish("example.com")).verdict == .inSync)
    }

    @Test func `a refusal is tried once more only, and its intent is closed`() async throws {
        let world = Self.world()
        world.faults.fail("write _smtp._tls.example.com", .before, kind: .unauthorized, isRetryable: true, times: 5)
        let outcome = await world.apply(World.wish("example.com"), retry: RetryDecision(tries: 6))[0]
        #expect(outcome.kind == .failed)
        #expect(outcome.failedStep == .tlsRPTRecord)
        #expect(world.writes == Array(repeating: "write _smtp._tls.example.com", count: 2))
        #expect(try await world.ledger.ledger(of: Self.zone).intents.isEmpty)
    }

    @Test func `what may pass is tried as often as the run allows, and a refusal that passes is applied`() async throws
    {
        for (kind, times) in [(Failure.Kind.timedOut, 5), (.unauthorized, 1)] {
            let world = Self.world()
            world.faults.fail("write _smtp._tls.example.com", .before, kind: kind, isRetryable: true, times: times)
            let outcomes = await world.apply(World.wish("example.com"), retry: RetryDecision(tries: 6))
            #expect(outcomes.map(\.kind) == [.applied])
            #expect(world.writes.prefix { $0 == "write _smtp._tls.example.com" }.count == times + 1)
        }
    }

    @Test func `what can't pass is not tried again`() async {
        let world = Self.world()
        world.faults.fail("write _smtp._tls.example.com", .before, kind: .rejected)
        let outcomes = await world.apply(World.wish("example.com"), retry: RetryDecision(tries: 6))
        #expect(outcomes.map(\.kind) == [.failed])
        #expect(world.writes == ["write _smtp._tls.example.com"])
    }

    /// A CA that is waited for, for so many milliseconds.
    private struct SlowCA: CertificateIssuer {
        let name = "local"
        let host: MemoryHost
        let milliseconds: Int

        func issue(
            _ request: CertificateRequest, at desk: IssuanceDesk
        ) async throws(Failure) -> CertificateMaterial {
            try await desk.pause(milliseconds)
            return try await host.issue(request, at: desk)
        }
    }

    @Test func `a wait for the CA that is longer than a lease does not lose the lease`() async throws {
        var slow = Self.world()
        slow.issuer = SlowCA(host: slow.host, milliseconds: 400_000)
        let world = slow
        let run = ApplyRun(
            owner: LeaseOwner(who: "test", runner: "here", command: "apply"), commit: nil, leaseSeconds: 120,
            retry: RetryDecision(tries: 1),
            sleep: { milliseconds in
                world.ledger.advance(milliseconds / 1_000)
                // Somebody else looks whether the lease has lapsed.
                _ = try? await world.ledger.acquire(
                    Self.zone, by: LeaseOwner(who: "other", runner: "there", command: "serve"), for: 10)
            }, jitter: { 0 },
            isStopping: { false }, tell: { _ in })
        let begun = try await world.ledger.now()
        #expect(await world.applier(run).apply(World.wish("example.com"), reviewed: nil).kind == .applied)
        #expect(try await world.ledger.now() == begun + 400)
    }
}
