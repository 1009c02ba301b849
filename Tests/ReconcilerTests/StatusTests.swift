import DNS
import Doubles
import Planning
import Ports
import Testing

/// `ready` is what senders see, not what the provider holds.
@Suite struct StatusTests {
    /// Resolvers that still have an older answer.
    private struct Lagging: Resolver {
        let dns: MemoryDNS
        let key: RecordKey
        let old: [RecordData]

        func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
            guard RecordKey(name: name, type: type) == key else { return await dns.resolve(name, type) }
            return old.isEmpty ? .absent(.plain) : .value(Resolution(aliases: [], data: old, ttl: 60))
        }
    }

    private func world() async -> World {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com"))
        return world
    }

    @Test func `a zone is ready when senders' resolvers have its records`() async throws {
        let status = try await world().status(World.wish("example.com"))
        #expect(status.state == .ready)
        #expect(status.conditions.map(\.name) == ["record", "policy", "certificate", "reports"])
    }

    @Test(arguments: ["_mta-sts.example.com", "_smtp._tls.example.com"], [nil, "v=STSv1; id=old;"])
    func `while resolvers still answer what was there before it is pending`(name: String, old: String?) async throws {
        var world = await world()
        world.resolver = Lagging(
            dns: world.dns, key: World.key(name, .txt), old: old.map { [.txt(TextData($0))] } ?? [])
        let status = try await world.status(World.wish("example.com"))
        #expect(status.state == .pending)
        let failing = try #require(status.conditions.first { $0.holds == false })
        #expect(failing.reason.hasPrefix("resolvers still answer"), "\(failing.reason)")
    }

    @Test func `a host that resolvers do not know yet is pending`() async throws {
        var world = await world()
        world.resolver = Lagging(dns: world.dns, key: World.key("mta-sts.example.com", .a), old: [])
        #expect(try await world.status(World.wish("example.com")).state == .pending)
    }

    @Test func `a host that is down is no matter of waiting`() async throws {
        var world = await world()
        world.resolver = Lagging(
            dns: world.dns, key: World.key("_smtp._tls.example.com", .txt), old: [.txt(TextData("v=TLSRPTv1; x"))])
        world.host.setDown(true)
        #expect(try await world.status(World.wish("example.com")).state == .degraded)
    }
}
