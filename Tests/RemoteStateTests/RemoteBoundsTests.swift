import DNS
import Findings
import HostSupport
import MTASTS
import Planning
import Ports
import RemoteState
import StateAPI
import Storage
import Testing

/// What one token, one answer and one lost connection can do at most.
@Suite(.serialized) struct RemoteBoundsTests {
    private static let zone = (try? DomainName("example.com")) ?? .root
    private static let note = AuditNote(commit: nil, digest: nil, what: "done")
    private static let body = PublishedBody(id: .make(counter: 1, digest: [1, 2, 3, 4, 5, 6, 7, 8]), body: "b")

    private static func failure(_ body: () async throws -> Void) async -> Failure? {
        do { try await body() } catch { return error as? Failure }
        return nil
    }

    private static func commands(under lease: Lease) throws -> [StateCommand] {
        let claim = BudgetClaim(zone: zone, host: zone, registered: "example.com", expires: nil)
        return [
            .renew(lease: lease, seconds: 9), .release(lease: lease), .putPolicy(body: body, lease: lease),
            .removePolicy(lease: lease), .removeCertificate(lease: lease), .giveBack(zone: zone, lease: lease),
            .keepPlace(claim: claim, issuer: "ca", lease: lease),
            .record(event: .withdrawing, lease: lease, note: note),
            .certify(zone: RemoteLab.desired(zone), lease: lease),
        ]
    }

    @Test func `a lease serves the token that took it alone, and no token one of the store's own machine`() async throws
    {
        try await RemoteLab.with { lab in
            let (mine, other) = (try await lab.token(.apply, named: "a"), try await lab.token(.apply, named: "b"))
            let lease = try await lab.remote(mine).acquire(Self.zone, by: RemoteLab.owner, for: 100)
            for (number, command) in try Self.commands(under: lease).enumerated() {
                let answer = try await lab.write(command, token: other, key: "key-of-16-letters-\(number)")
                #expect(answer.status == 409, "\(command)")
                #expect(StateReply.of(answer.body)?.failure?.detail.contains("not under this token") == true)
            }
            #expect(try await lab.store.policy(for: Self.zone) == nil)
            let renewed = try await lab.remote(mine).renew(lease, for: 100)
            try await lab.remote(mine).release(renewed)
            let local = try await lab.store.acquire(Self.zone, by: RemoteLab.owner, for: 100)
            for (number, command) in try Self.commands(under: local).enumerated() {
                let answer = try await lab.write(command, token: mine, key: "key-of-16-letters-\(number)")
                #expect(answer.status == 409, "\(command)")
            }
            _ = try await lab.store.renew(local, for: 100)
        }
    }

    @Test func `a lease whose answers were all lost is the run's own when it asks again`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let relay = LosingRelay(port: lab.host.port, losing: 3)
            try await relay.run { port in
                let remote = lab.remote(token, at: "https://\(RemoteLab.name):\(port)")
                let lost = await Self.failure {
                    _ = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100)
                }
                #expect(relay.lost == 3)
                #expect(lost?.kind == .unreachable)
                let lease = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100)
                #expect(lease.fencing == 1)
                try await remote.release(lease)
                // Another acquisition is another one.
                #expect(try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100).fencing == 2)
            }
        }
    }

    @Test func `lists are cut where an answer would be too long, and come whole all the same`() async throws {
        try await RemoteLab.with(pageOctets: 3_000) { lab in
            let token = try await lab.token(.apply, named: "ci")
            let remote = lab.remote(token)
            let names = try (0..<30).map { try DomainName("n\($0).example") }
            for name in names {
                let lease = try await lab.store.acquire(name, by: RemoteLab.owner, for: 100)
                try await lab.store.record(.mxSeen(names), under: lease, audit: Self.note)
                try await lab.store.record(.withdrawn(step: "x"), under: lease, audit: Self.note)
            }
            #expect(try await remote.ledgers() == lab.store.ledgers())
            let request = try StateJSON.encode(
                StateRequest(by: RemoteLab.owner, StateQuestion.ledgers(after: nil)))
            let page = try await lab.post(StateVersion.read, request, token: token.text.reveal())
            guard case .ledgers(let some, more: true)? = StateReply.of(page.body) else {
                throw Failure(.malformed, "no page: \(page)")
            }
            // One that is too long alone is given alone, so that whoever asks comes to an end.
            #expect(some.count == 1)
            let history = try await remote.history(of: nil, limit: 1_000)
            #expect(history == (try await lab.store.history(of: nil, limit: history.count)))
            #expect((1..<30).contains(history.count))
        }
    }

    @Test(arguments: [Int.max, -1, PolicyID.largestCounter + 1])
    func `a policy's counter that can't be counted on from is refused`(counter: Int) async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let lease = try await lab.remote(token).acquire(Self.zone, by: RemoteLab.owner, for: 100)
            let policy = PublishedPolicy(
                id: Self.body.id, counter: counter, bodyDigest: "", mode: .testing, mx: [], maxAge: .longest,
                largestTTL: 60, intentAt: lab.clock.now)
            let record = StateCommand.record(event: .assumed(policy), lease: lease, note: Self.note)
            let answer = try await lab.write(record, token: token, key: "key-of-16-letters-1")
            #expect(answer.status == 400)
            #expect(try await lab.store.ledger(of: Self.zone).published.isEmpty)
        }
    }

    @Test func `who ends a lease by force bears a token that may write, and stands in both trails`() async throws {
        try await RemoteLab.with { lab in
            let (mine, reading) = (try await lab.token(.apply, named: "a"), try await lab.token(.plan, named: "b"))
            _ = try await lab.remote(mine).acquire(Self.zone, by: RemoteLab.owner, for: 100)
            let plan = lab.remote(reading)
            #expect(try await plan.holder(of: Self.zone)?.owner == RemoteLab.owner)
            let refused = await Self.failure { _ = try await plan.breakLease(of: Self.zone, by: RemoteLab.owner) }
            #expect(refused?.kind == .unauthorized)
            let own = CertificateOwner.ownName(Self.zone).key
            let unreached = await Self.failure {
                _ = try await lab.remote(mine).breakLease(of: own, by: RemoteLab.owner)
            }
            #expect(unreached?.kind == .unauthorized)
            let other = try await lab.token(.apply, named: "c")
            #expect(try await lab.remote(other).breakLease(of: Self.zone, by: RemoteLab.owner) != nil)
            #expect(try await lab.store.uses(of: other.id, limit: 1).map(\.what) == ["break lease example.com"])
            #expect(try await lab.store.history(of: Self.zone, limit: 1).map(\.kind) == ["lease-broken"])
        }
    }
}
