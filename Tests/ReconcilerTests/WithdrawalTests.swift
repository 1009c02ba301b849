import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Reconciler
import Testing

/// Taking a policy away (design, rule 4): `mode: none` first, then its record, then what it needs, over as many runs as it takes.
@Suite struct WithdrawalTests {
    private let zone = "example.com"
    private let gone = ZoneWish(zone: World.name("example.com"), wish: .gone, digest: "")
    private let record = World.key("_mta-sts.example.com", .txt)
    private let host = World.key("mta-sts.example.com", .a)
    private let reports = World.key("_smtp._tls.example.com", .txt)
    private let week = 604_800
    private let day = 86_400

    private func ready(_ wish: ZoneWish? = nil) async -> World {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        await world.apply(wish ?? World.wish(zone, mode: .enforce))
        return world
    }

    private func served(_ world: World) -> String? { world.host.hosted(World.name(zone))?.body }

    @Test func `senders are told first, then wait out their caches, then all of it goes in order`() async throws {
        let world = await ready()
        let start = try await world.ledger.now()
        let plan = try await world.plan(gone)
        #expect(plan.steps.map(\.resource) == [.policy, .mtaSTSRecord])
        #expect(plan.holds.map(\.until) == [start + week + 300 + day, start + week + 600 + day])
        #expect(await world.apply(gone).map(\.kind) == [.held])
        let body = try #require(served(world))
        #expect(body == "version: STSv1\r\nmode: none\r\nmx: mx.example.com\r\nmax_age: 86400\r\n")
        #expect(try await world.plan(gone).holds == plan.holds, "the same time gives the same holds")

        world.ledger.advance(week + 300 + day - 1)
        #expect(try await world.plan(gone).steps.isEmpty)
        await world.apply(gone)
        #expect(world.dns.sets[record] != nil && served(world) == body)

        world.ledger.advance(1)
        #expect(await world.apply(gone).map(\.kind) == [.held])
        #expect(world.dns.sets[record] == nil && served(world) == body && world.dns.sets[host] != nil)

        world.ledger.advance(299)
        #expect(await world.apply(gone).map(\.kind) == [.held])
        #expect(served(world) == body)

        world.ledger.advance(1)
        let last = try await world.plan(gone)
        #expect(last.steps.map(\.resource) == [.policy, .policyHost, .certificate, .tlsRPTRecord])
        #expect(last.steps.allSatisfy { $0.verb == .delete })
        #expect(await world.apply(gone).map(\.kind) == [.applied])
        #expect(served(world) == nil && world.dns.sets[host] == nil && world.dns.sets[reports] == nil)
        #expect(try await world.host.certificate(for: WellKnown.hostName(World.name(zone))) == nil)
        let ledger = try await world.ledger.ledger(of: World.name(zone))
        #expect(!ledger.isManaged && ledger.desired == nil)
        #expect(try await world.plan(gone).steps.isEmpty)
    }

    @Test func `what somebody else holds does not keep a withdrawal under way from going on`() async throws {
        let world = await ready()
        await world.apply(gone)
        world.dns.remove(reports)
        world.alias("_smtp._tls.example.com", to: "reports.example.net")
        world.ledger.advance(week + 300 + day)
        let plan = try await world.plan(gone)
        #expect(plan.verdict == .blocked && plan.findings.contains { $0.severity == .error })
        #expect(await world.apply(gone).map(\.kind) == [.blocked])
        #expect(world.dns.sets[record] == nil && world.dns.sets[host] != nil)
        #expect(world.dns.sets[World.key("_smtp._tls.example.com", .cname)] != nil)
    }

    @Test func `a team that changes its mind is back at once, under an id that was never used`() async throws {
        let world = await ready()
        let first = try #require(world.host.hosted(World.name(zone)))
        await world.apply(gone)
        world.ledger.advance(day)
        #expect(await world.apply(World.wish(zone, mode: .enforce)).map(\.kind) == [.applied])
        let back = try #require(world.host.hosted(World.name(zone)))
        #expect(back.body == first.body && back.id.counter == 3)
    }

    @Test func `a zone that comes back after its withdrawal goes on counting`() async throws {
        let world = await ready()
        for _ in 0..<3 {
            await world.apply(gone)
            world.ledger.advance(week + 300 + day)
        }
        #expect(try await !world.ledger.ledger(of: World.name(zone)).isManaged)
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.applied])
        #expect(world.host.hosted(World.name(zone))?.id.counter == 3)
    }

    @Test func `every policy that was ever served counts, not the latest alone`() async throws {
        let world = await ready(World.wish(zone, mode: .enforce, maxAge: 31_000_000))
        world.ledger.advance(day)
        let replaced = try await world.ledger.now()
        await world.apply(World.wish(zone, mode: .enforce, maxAge: day))
        world.ledger.advance(day)
        let until = try await world.plan(gone).holds.first?.until
        #expect(until == replaced + 31_000_000 + 300 + day)
    }

    @Test func `a policy that no sender was told of goes at once`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("put example.com", .after)
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.failed])
        #expect(await world.apply(gone).map(\.kind) == [.applied])
        #expect(world.dns.sets[host] == nil && served(world) == nil)
        #expect(try await !world.ledger.ledger(of: World.name(zone)).isManaged)
    }

    @Test func `a policy that somebody else announced is not taken away under those who fetched it`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("put example.com", .after)
        await world.apply(World.wish(zone))
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        let plan = try await world.plan(gone)
        #expect(plan.verdict == .blocked && plan.steps.allSatisfy { $0.verb != .delete })
    }

    @Test func `a record whose writing was begun may have been seen`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("write _mta-sts.example.com", .after)
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.failed])
        let plan = try await world.plan(gone)
        #expect(plan.steps.map(\.resource) == [.policy, .mtaSTSRecord])
        #expect(plan.holds.count == 2)
    }

    @Test func `reports are told as long as a policy can be held`() async throws {
        let world = await ready()
        let wish = World.wish(zone, policy: false, reports: false)
        #expect(try await world.plan(wish).steps.map(\.resource) == [.policy, .mtaSTSRecord])
        await world.apply(wish)
        world.ledger.advance(week + 300 + day)
        await world.apply(wish)
        #expect(world.dns.sets[record] == nil && world.dns.sets[reports] != nil)
        world.ledger.advance(300)
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.dns.sets[reports] == nil)
    }

    @Test func `reports that are still asked for stay when the policy goes`() async throws {
        let world = await ready()
        let wish = World.wish(zone, policy: false)
        for _ in 0..<3 {
            await world.apply(wish)
            world.ledger.advance(week + 300 + day)
        }
        #expect(world.dns.sets[host] == nil && world.dns.sets[reports] != nil)
        #expect(await world.apply(wish).map(\.kind) == [.nothingToDo])
    }

    @Test func `a policy that says none already needs no new id`() async throws {
        let world = await ready()
        await world.apply(World.wish(zone, mode: .none))
        let plan = try await world.plan(gone)
        #expect(plan.steps.isEmpty && plan.holds.count == 2)
    }

    @Test func `a certificate is renewed as long as senders may ask for the policy`() async throws {
        let world = await ready(World.wish(zone, mode: .enforce, maxAge: 31_000_000))
        await world.apply(gone)
        world.ledger.advance(80 * day)
        #expect(try await world.plan(gone).steps.map(\.resource) == [.certificate])
        await world.apply(gone)
        #expect(world.host.issued == 2)
    }

    @Test func `what a withdrawal takes away in its time is pending, not degraded`() async throws {
        let world = await ready()
        await world.apply(gone)
        world.ledger.advance(week + 300 + day)
        #expect(try await world.status(gone).state == .pending)
    }

    @Test func `an earlier id that somebody put back counts anew, with the TTL that it had`() async throws {
        let world = await ready()
        let first = try #require(world.dns.sets[record])
        await world.apply(gone)
        world.ledger.advance(week + 300 + day - 60)
        guard let long = RecordSet(key: first.key, ttl: 7_200, data: first.data) else { return }
        world.dns.edit(long)
        await world.apply(gone)
        let now = try await world.ledger.now()
        #expect(try await world.plan(gone).holds.first?.until == now + week + 7_200 + day)
    }

    @Test func `a policy that was adopted counts as one that is held for a year`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        #expect(await world.apply(World.wish(zone, adopt: true)).map(\.kind) == [.applied])
        let replaced = try await world.ledger.now()
        world.ledger.advance(day)
        let until = try await world.plan(gone).holds.first?.until
        #expect(until == replaced + 31_557_600 + 60 + day)
        #expect(try await world.plan(World.wish(zone, adopt: true)).findings.map(\.code) == [.cacheRemains])
    }

    @Test func `who brings the manifest back as it was is protected from its loss again`() async throws {
        let world = await ready()
        await world.apply(gone)
        world.ledger.advance(600)
        await world.apply(World.wish(zone, mode: .enforce))
        #expect(try await world.ledger.ledger(of: World.name(zone)).withdrawnAt == nil)
    }

    @Test func `what somebody else put in our place stays when we go`() async throws {
        let world = await ready()
        for _ in 0..<2 {
            await world.apply(gone)
            world.ledger.advance(week + 300 + day)
        }
        world.address("mta-sts.example.com", World.address("192.0.2.99"))
        await world.apply(gone)
        #expect(world.dns.sets[host] != nil)
        #expect(try await !world.ledger.ledger(of: World.name(zone)).isManaged)
    }

    @Test func `a withdrawal is told by status with its date`() async throws {
        let world = await ready()
        await world.apply(gone)
        let status = try await world.status(gone)
        let until = try await world.ledger.now() + week + 300 + day
        #expect(status.state == .pending)
        #expect(status.conditions.contains { $0.name == "withdrawal" && $0.reason.contains("until \(until)") })
    }

    @Test func `somebody who removes the record meanwhile ends no wait`() async throws {
        let world = await ready()
        await world.apply(gone)
        world.dns.remove(record)
        #expect(try await world.plan(gone).steps.map(\.resource) == [.mtaSTSRecord])
        await world.apply(gone)
        #expect(world.dns.sets[record] != nil)
    }
}
