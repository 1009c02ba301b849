import DNS
import Doubles
import Findings
import Planning
import Testing

/// A web server of others shows what it was given: certificates go there before the policy, after each renewal, and again where
/// somebody changed them.
@Suite struct DeliveryTests {
    private let zone = "example.com"
    private let host = World.name("mta-sts.example.com")
    private let wish = World.wish("example.com")

    private func world() -> World {
        var world = World()
        world.delivers = true
        world.mail(zone, ["mx.example.com"])
        return world
    }

    @Test func `the certificate is given before the policy, and given again once it is renewed`() async throws {
        let world = world()
        let plan = try await world.plan(wish)
        #expect(plan.steps.map(\.resource).suffix(4) == [.certificate, .delivery, .policy, .mtaSTSRecord])
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(try await world.plan(wish).verdict == .inSync)
        world.ledger.advance(70 * 86_400)
        let renewal = try await world.plan(wish)
        #expect(renewal.steps.map(\.resource) == [.certificate, .delivery])
        #expect(renewal.steps.allSatisfy { $0.causes == [.due] })
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(try await world.host.delivered(for: host)?.facts == world.host.certificate(for: host))
        #expect(try await world.host.delivered(for: host)?.fingerprint == "2")
    }

    @Test(arguments: [FaultPlan.Moment.before, .after])
    func `a run that ends between the two orders nothing twice`(moment: FaultPlan.Moment) async throws {
        let world = world()
        world.fail("deliver \(host)", moment)
        #expect(await world.apply(wish, retry: RetryDecision(tries: 1)).map(\.kind) == [.failed])
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.host.issued == 1)
        #expect(try await world.plan(wish).verdict == .inSync)
        #expect(try await world.ledger.ledger(of: World.name(zone)).intents.isEmpty)
    }

    @Test func `what somebody took away is drift and comes back, also while the manifest can't be read`() async throws {
        let world = world()
        await world.apply(wish)
        try await world.host.takeBack(from: host)
        let plan = try await world.plan(wish)
        #expect(plan.steps.map(\.resource) == [.delivery])
        #expect(plan.steps.map(\.causes) == [[.drift]])
        let unread = ZoneWish(zone: World.name(zone), wish: .unknown, digest: "")
        #expect(try await world.plan(unread).steps.map(\.resource) == [.delivery])
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.host.issued == 1)
        #expect(try await world.plan(wish).verdict == .inSync)
    }

    @Test(
        arguments: zip(
            DeliveredCertificate.KeyFault.allCases, ["is empty", "can't be read as one", "does not belong to its"]))
    func `a key that is not the certificate's is drift, told with what is wrong, and given again`(
        fault: DeliveredCertificate.KeyFault, words: String
    ) async throws {
        let world = world()
        await world.apply(wish)
        world.host.spoilKey(of: host, fault)
        let plan = try await world.plan(wish)
        #expect(plan.steps.map(\.resource) == [.delivery] && plan.steps.map(\.causes) == [[.drift]])
        #expect(plan.steps.first?.reason.contains(words) == true, "\(plan.steps.first?.reason ?? "")")
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.host.issued == 1)
        #expect(try await world.plan(wish).verdict == .inSync)
    }

    @Test func `where a web server of others is down, nobody is sent to serve`() async throws {
        let world = world()
        world.host.setDown(true)
        let outcome = await world.apply(wish, retry: RetryDecision(tries: 1))[0]
        #expect(outcome.detail.contains("start your web server there and let it listen on port 443"), "\(outcome)")
        #expect(!outcome.detail.contains("certadns serve"))
        world.host.setDown(false)
        await world.apply(wish)
        world.host.setDown(true)
        let actions = try await world.plan(wish).findings.map(\.action)
        #expect(actions.contains { $0.contains("start your web server there") }, "\(actions)")
        #expect(!actions.contains { $0.contains("certadns serve") })
    }
}
