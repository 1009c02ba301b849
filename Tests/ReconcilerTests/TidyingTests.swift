import DNS
import Doubles
import Findings
import Planning
import Ports
import Reconciler
import Testing

/// What a run that was killed left of an issuance goes with the next one.
@Suite struct TidyingTests {
    private let proof = ChallengeProof.dns(name: World.name("_acme-challenge.mta-sts.example.com"), value: "ours")
    private let wish = World.wish("example.com")

    /// A zone in the middle of an issuance: the order in the ledger, its proof in DNS, its key kept.
    private func interrupted() async throws -> World {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let zone = World.name("example.com")
        let lease = try await world.ledger.acquire(
            zone, by: LeaseOwner(who: "killed", runner: "here", command: "apply"), for: 120)
        let order = OpenOrder(
            url: "https://ca.example/1", issuer: "local", names: [World.name("mta-sts.example.com")],
            since: Instant(seconds: 1_800_000_000))
        let note = AuditNote(commit: nil, digest: nil, what: "killed")
        try await world.host.storePending(Redacted("key"), for: World.name("mta-sts.example.com"))
        try await world.ledger.record(.issuance(.ordered(order)), under: lease, audit: note)
        try await world.ledger.record(.issuance(.presented(proof)), under: lease, audit: note)
        try await world.ledger.release(lease)
        world.texts("_acme-challenge.mta-sts.example.com", ["ours", "somebody else"])
        return world
    }

    private func stands(_ world: World) -> [String] {
        let set = world.dns.sets[World.key("_acme-challenge.mta-sts.example.com", .txt)]
        return (set?.data ?? []).map(\.description).sorted()
    }

    @Test func `a certificate that is held at last leaves no proof and no key behind, and neighbours stay`()
        async throws
    {
        let world = try await interrupted()
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(stands(world) == ["\"somebody else\""])
        let issuance = try await world.ledger.ledger(of: World.name("example.com")).issuance
        #expect(issuance.challenges.isEmpty)
        #expect(issuance.order == nil)
        #expect(try await world.host.pendingKey(for: World.name("mta-sts.example.com")) == nil)
    }

    @Test func `a failed issuance leaves no proof behind either, but the key of the order that goes on`() async throws {
        let world = try await interrupted()
        world.fail("issue", .before)
        #expect(await world.apply(wish).map(\.kind) == [.failed])
        #expect(stands(world) == ["\"somebody else\""])
        #expect(try await world.ledger.ledger(of: World.name("example.com")).issuance.challenges.isEmpty)
        #expect(try await world.host.pendingKey(for: World.name("mta-sts.example.com")) != nil)
    }

    @Test func `a run killed after its certificate was kept leaves a key that the next one drops`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        try await world.host.storePending(Redacted("key"), for: World.name("mta-sts.example.com"))
        #expect(await world.apply(wish).map(\.kind) == [.nothingToDo])
        #expect(try await world.host.pendingKey(for: World.name("mta-sts.example.com")) == nil)
    }

    @Test func `looking again while the CA is waited for ends neither the wait nor the order`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        world.ledger.advance(80 * 86_400)
        let zone = World.name("example.com")
        let lease = try await world.ledger.acquire(
            zone, by: LeaseOwner(who: "killed", runner: "here", command: "apply"), for: 120)
        let order = OpenOrder(
            url: "https://ca.example/2", issuer: "local", names: [World.name("mta-sts.example.com")],
            since: Instant(seconds: 1_800_000_000))
        try await world.ledger.record(
            .issuance(.ordered(order)), under: lease, audit: AuditNote(commit: nil, digest: nil, what: "ordered"))
        try await world.ledger.release(lease)
        try await world.host.storePending(Redacted("key"), for: World.name("mta-sts.example.com"))
        world.faults.fail("issue", .before, kind: .limited)
        #expect(await world.apply(wish).map(\.kind) == [.failed])
        let waiting = try await world.ledger.ledger(of: zone).issuance
        #expect(waiting.hold != nil)
        await world.apply(wish)
        await world.apply(wish)
        #expect(world.faults.calls.count { $0 == "issue" } == 2, "asked again before its time")
        #expect(try await world.ledger.ledger(of: zone).issuance == waiting)
        #expect(try await world.host.pendingKey(for: World.name("mta-sts.example.com")) != nil)
    }
}
