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

/// Who may do what, and that one request has one effect.
@Suite(.serialized) struct AccessTests {
    private static let zone = (try? DomainName("example.com")) ?? .root
    private static let note = AuditNote(commit: nil, digest: nil, what: "done")

    private static func failure(_ body: () async throws -> Void) async -> Failure? {
        do { try await body() } catch { return error as? Failure }
        return nil
    }

    @Test func `a plan token reads, and what it tries to write is refused, told and logged without it`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.plan, named: "pull-requests")
            let remote = lab.remote(token)
            #expect(try await remote.ledger(of: Self.zone) == ZoneLedger(zone: Self.zone))
            let failure = await Self.failure {
                _ = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100)
            }
            #expect(failure?.kind == .unauthorized)
            #expect(failure?.detail.contains("'pull-requests' is for plans and may not write") == true)
            #expect(try await lab.store.acquire(Self.zone, by: RemoteLab.owner, for: 9).fencing == 1)
            let uses = try await lab.store.uses(of: token.id, limit: 10)
            #expect(uses.map(\.what) == [StateVersion.write, "read"])
            #expect(uses.first?.refusal?.contains("may not write") == true)
            #expect(lab.log.all.contains { $0.contains("'pull-requests'") && $0.contains(token.id) })
            #expect(!"\(lab.log.all) \(lab.host.log.lines) \(uses)".contains(token.secret.reveal()))
        }
    }

    @Test func `no token reaches serve's own names, and no limit that can't be counted with is taken`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            let own = CertificateOwner.ownName(Self.zone).key
            let failure = await Self.failure { _ = try await remote.acquire(own, by: RemoteLab.owner, for: 9) }
            #expect(failure?.kind == .unauthorized)
            #expect(failure?.detail.contains("is a name of serve itself") == true)
            let claim = BudgetClaim(zone: Self.zone, host: Self.zone, registered: "example.com", expires: nil)
            for (count, seconds) in [(1, Int.min), (1, Int.max), (Int.min, 60), (0, 60)] {
                let limits = BudgetLimits(orders: BudgetLimits.Limit(count, per: seconds))
                let failure = await Self.failure { _ = try await remote.refusal(of: claim, at: "ca", within: limits) }
                #expect(failure?.kind == .malformed)
            }
            _ = try await remote.now()
        }
    }

    @Test func `a revoked token opens nothing, nor does one that was never made`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let remote = lab.remote(token)
            _ = try await remote.now()
            #expect(try await lab.store.revoke("ci", at: lab.clock.now).map(\.id) == [token.id])
            let revoked = await Self.failure { _ = try await remote.now() }
            #expect(revoked?.kind == .unauthorized)
            #expect(revoked?.detail.contains("was revoked at") == true)
            let stranger = BearerToken.make { 7 }
            let unknown = await Self.failure { _ = try await lab.remote(stranger).now() }
            #expect(unknown?.kind == .unauthorized)
            #expect(unknown?.detail.contains("certadns token create") == true)
            // The public part with another secret is no token either.
            let forged = try #require(BearerToken("certadns_\(token.id)_" + String(repeating: "0", count: 64)))
            #expect(await Self.failure { _ = try await lab.remote(forged).now() }?.kind == .unauthorized)
            #expect(try await lab.post(StateVersion.read, [], token: nil).status == 401)
            #expect(!"\(lab.log.all)".contains(token.secret.reveal()))
            #expect(try await lab.token(.plan, named: "ci").id != token.id, "the name is free again")
        }
    }

    @Test func `what is kept of a token does not open anything`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let kept = try #require(try await lab.store.token(token.id))
            #expect(!kept.digest.contains(token.secret.reveal()) && kept.digest.utf8.count == 64)
            #expect(token.matches(kept.digest))
            let stolen = try #require(BearerToken("certadns_\(token.id)_\(kept.digest)"))
            #expect(!stolen.matches(kept.digest))
            #expect("\(token.text) \(token.secret)".contains(token.secret.reveal()) == false)
            #expect(await Self.failure { _ = try await lab.token(.plan, named: "ci") }?.kind == .conflict)
        }
    }

    @Test func `a repeated write has one effect and gets the first answer again`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let acquire = StateCommand.acquire(zone: Self.zone, owner: RemoteLab.owner, seconds: 100)
            let first = try await lab.write(acquire, token: token, key: "key-of-16-letters-1")
            lab.clock.advance(5)
            let again = try await lab.write(acquire, token: token, key: "key-of-16-letters-1")
            #expect(first.status == 200 && first == again)
            guard case .lease(let lease)? = StateReply.of(first.body) else { throw Failure(.malformed, "no lease") }
            #expect(lease.fencing == 1)
            let record = StateCommand.record(event: .withdrawn(step: "x"), lease: lease, note: Self.note)
            for _ in 1...3 {
                #expect(try await lab.write(record, token: token, key: "key-of-16-letters-2").status == 200)
            }
            #expect(try await lab.store.history(of: Self.zone, limit: 9).count == 1)
            let uses = try await lab.store.uses(of: token.id, limit: 9).map(\.what)
            #expect(uses == ["record withdrawn example.com", "acquire example.com"])
        }
    }

    @Test func `many at once under one key have one effect`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let lease = try await lab.remote(token).acquire(Self.zone, by: RemoteLab.owner, for: 100)
            let record = StateCommand.record(event: .withdrawn(step: "x"), lease: lease, note: Self.note)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await lab.write(record, token: token, key: "key-of-16-letters-1").status }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            #expect(try await lab.store.history(of: Self.zone, limit: 99).count == 1)
        }
    }

    @Test func `another body under a used key is refused, and nothing is done`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let lease = try await lab.remote(token).acquire(Self.zone, by: RemoteLab.owner, for: 100)
            func record(_ step: String) -> StateCommand {
                .record(event: .withdrawn(step: step), lease: lease, note: Self.note)
            }
            _ = try await lab.write(record("x"), token: token, key: "key-of-16-letters-1")
            let changed = try await lab.write(record("y"), token: token, key: "key-of-16-letters-1")
            #expect(changed.status == 409)
            let failure = StateReply.of(changed.body)?.failure
            #expect(failure?.kind == .conflict)
            #expect(failure?.detail.contains("idempotency key was used for another request") == true)
            #expect(try await lab.store.history(of: Self.zone, limit: 9).count == 1)
            #expect(lab.log.all.contains { $0.contains("idempotency key") })
            // Keys mean something beside their token only.
            let other = try await lab.token(.apply, named: "other")
            let elsewhere = StateCommand.acquire(
                zone: try DomainName("example.org"), owner: RemoteLab.owner, seconds: 9)
            #expect(try await lab.write(elsewhere, token: other, key: "key-of-16-letters-1").status == 200)
            #expect(try await lab.write(record("z"), token: token, key: "short").status == 400)
        }
    }

    @Test func `a stale lease is refused whatever it wants to write, and logged`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let remote = lab.remote(token)
            let stale = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100)
            lab.clock.advance(1_000)
            _ = try await lab.store.acquire(Self.zone, by: RemoteLab.owner, for: 100)
            let body = PublishedBody(id: .make(counter: 1, digest: [1, 2, 3, 4, 5, 6, 7, 8]), body: "b")
            let commands: [StateCommand] = [
                .renew(lease: stale, seconds: 9), .putPolicy(body: body, lease: stale), .removePolicy(lease: stale),
                .removeCertificate(lease: stale), .giveBack(zone: Self.zone, lease: stale),
                .record(event: .withdrawing, lease: stale, note: Self.note),
            ]
            for (number, command) in commands.enumerated() {
                let answer = try await lab.write(command, token: token, key: "key-of-16-letters-\(number)")
                #expect(answer.status == 409, "\(command)")
                #expect(StateReply.of(answer.body)?.failure?.detail.contains("taken over by another run") == true)
            }
            #expect(try await lab.store.policy(for: Self.zone) == nil)
            #expect(lab.log.all.count { $0.contains("taken over by another run") } == commands.count)
        }
    }
}
