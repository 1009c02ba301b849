import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Testing

/// The policy host moves: the new one must serve before the name points there (design: "What a zone owns").
@Suite struct HostMoveTests {
    private let zone = "example.com"
    private let old = World.address("192.0.2.80")
    private let new = World.address("192.0.2.81")

    private func ready() async -> World {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        await world.apply(World.wish(zone))
        return world
    }

    @Test func `to other addresses, once each of them serves`() async throws {
        let world = await ready()
        world.host.setSilent(true, at: new)
        let wish = World.wish(zone, host: .addresses([old, new]))
        let outcome = await world.apply(wish)[0]
        #expect(outcome.kind == .failed)
        #expect(outcome.detail.contains("192.0.2.81"))
        #expect(world.dns.sets[World.key("mta-sts.example.com", .a)]?.data.count == 1)
        world.host.setSilent(false, at: new)
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.dns.sets[World.key("mta-sts.example.com", .a)]?.data.count == 2)
    }

    @Test func `to another name, once every address of it serves`() async throws {
        let world = await ready()
        let wish = World.wish(zone, host: .cname(World.name("policy.example.net")))
        let nowhere = await world.apply(wish)[0]
        #expect(nowhere.kind == .failed)
        #expect(nowhere.detail.contains("policy.example.net has no address yet"), "\(nowhere.detail)")
        world.address("policy.example.net", new)
        world.host.setSilent(true, at: new)
        let silent = await world.apply(wish)[0]
        #expect(silent.detail.contains("192.0.2.81"), "\(silent.detail)")
        #expect(world.dns.sets[World.key("mta-sts.example.com", .a)] != nil, "the old host was left too early")
        world.host.setSilent(false, at: new)
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.dns.sets[World.key("mta-sts.example.com", .cname)] != nil)
        #expect(try await world.plan(wish).verdict == .inSync)
    }

    private func formerHosts(_ world: World) async throws -> [FormerHost] {
        try await world.ledger.ledger(of: World.name(zone)).formerHosts
    }

    private func told(_ plan: ZonePlan, _ severity: Finding.Severity) -> [String] {
        plan.findings.filter { $0.code == .formerHost && $0.severity == severity }.map(\.message)
    }

    @Test func `the old one serves on for the record's time to live and a day, and then may go`() async throws {
        let world = await ready()
        let wish = World.wish(zone, host: .addresses([new]))
        let moved = try await world.ledger.now()
        await world.apply(wish)
        let until = moved + 3_600 + 86_400
        #expect(try await formerHosts(world) == [FormerHost(place: .addresses([old]), until: until)])
        let keep = "keep 192.0.2.80 serving until \(until): resolvers may still lead senders there"
        #expect(told(try await world.plan(wish), .note) == [keep])
        #expect(told(try await world.plan(wish), .warning).isEmpty)
        #expect(try await world.status(wish).state == .ready)
        #expect(await world.apply(wish).map(\.kind) == [.nothingToDo])
        world.ledger.advance(until - moved - 1)
        #expect(told(try await world.plan(wish), .note) == [keep])
        world.ledger.advance(1)
        let plan = try await world.plan(wish)
        #expect(plan.steps.isEmpty && plan.verdict == .inSync)
        #expect(told(plan, .note).map { $0.prefix(18) } == ["192.0.2.80 may go:"])
        #expect(await world.apply(wish).map(\.detail) == ["192.0.2.80 may go now"])
        #expect(told(try await world.plan(wish), .note).isEmpty, "that is said once")
        #expect(await world.apply(wish).map(\.detail) == [""])
    }

    @Test func `an old one that falls silent within its time is told, later nobody cares`() async throws {
        let world = await ready()
        let wish = World.wish(zone, host: .addresses([new]))
        await world.apply(wish)
        world.host.setSilent(true, at: old)
        let plan = try await world.plan(wish)
        #expect(plan.steps.isEmpty && plan.verdict == .inSync)
        #expect(told(plan, .warning).count == 1 && told(plan, .warning)[0].contains("192.0.2.80"))
        let status = try await world.status(wish)
        #expect(status.state == .degraded)
        #expect(status.conditions.contains { $0.name == "former-host" && $0.holds == false })
        world.ledger.advance(90_000)
        #expect(told(try await world.plan(wish), .warning).isEmpty)
        #expect(try await world.status(wish).state == .ready)
    }

    @Test func `an alias is remembered by its name, and who moves back leaves nothing behind there`() async throws {
        let world = await ready()
        world.address("policy.example.net", new)
        let alias = HostTarget.cname(World.name("policy.example.net"))
        await world.apply(World.wish(zone, host: alias))
        #expect(try await formerHosts(world).map(\.place) == [.addresses([old])])
        await world.apply(World.wish(zone))
        #expect(try await formerHosts(world).map(\.place) == [alias])
        world.dns.remove(World.key("policy.example.net", .a))
        let plan = try await world.plan(World.wish(zone))
        #expect(told(plan, .warning).map { $0.hasSuffix("has no address any more") } == [true])
    }

    @Test func `a host that nothing announced yet leaves nobody behind`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("write _mta-sts.example.com", .before)
        await world.apply(World.wish(zone))
        await world.apply(World.wish(zone, host: .addresses([new])))
        let left = try await formerHosts(world)
        let announced = try await world.ledger.ledger(of: World.name(zone)).published.contains { $0.announcedAt != nil }
        #expect(announced)
        // The record's fate was unknown when the host moved: the old host may have been seen.
        #expect(left.map(\.place) == [.addresses([old])])
    }
}
