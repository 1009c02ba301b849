import DNS
import Doubles
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
}
