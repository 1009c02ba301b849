import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// Domains that leave: delegated elsewhere, or to nobody any more.
@Suite struct LossTests {
    private static let day = 86_400
    private let zone = World.name("example.com")
    private let wish = World.wish("example.com", mode: .enforce)
    private var gone: ZoneWish { ZoneWish(zone: zone, wish: .gone, digest: "") }

    /// Resolvers once the domain is somewhere else: its name servers there, and nothing of ours unless it was taken along.
    private struct Elsewhere: Resolver {
        let dns: MemoryDNS
        let servers: [DomainName]
        var record: [RecordData] = []

        func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
            switch type {
            case .ns where name == World.name("example.com"):
                servers.isEmpty
                    ? .absent(.plain) : .value(Resolution(aliases: [], data: servers.map { .ns($0) }, ttl: 60))
            case .txt:
                record.isEmpty || name != World.name("_mta-sts.example.com")
                    ? .absent(.plain) : .value(Resolution(aliases: [], data: record, ttl: 60))
            default: await dns.resolve(name, type)
            }
        }
    }

    private func servers(_ world: World, _ names: [String]) {
        let data = names.map { RecordData.ns(World.name($0)) }
        if let set = RecordSet(key: World.key("example.com", .ns), ttl: 3_600, data: data) { world.dns.edit(set) }
    }

    /// A zone at home, enforced; apply was there once more after it was live.
    private func home() async -> World {
        let world = World()
        servers(world, ["ns1.example.net", "ns2.example.net"])
        if let soa = RecordSet(
            key: World.key("example.com", .soa), ttl: 60,
            data: [
                .soa(
                    SOA(
                        mname: World.name("ns1.example.net"), rname: World.name("h.example.net"), serial: 1,
                        refresh: 1, retry: 1, expire: 1, minimum: 1))
            ])
        {
            world.dns.edit(soa)
        }
        world.mail("example.com", ["mx.example.com"])
        await world.apply(wish)
        await world.apply(wish)
        return world
    }

    /// Resolvers once the zone was copied to another operator, our record with it.
    private func copied(_ world: World) async throws -> Elsewhere {
        let id = try #require(try await world.host.policy(for: zone)?.id)
        return Elsewhere(
            dns: world.dns, servers: [World.name("ns1.other.example")],
            record: [.txt(TextData("v=STSv1; id=\(id.text);"))])
    }

    @Test(arguments: [["ns1.other.example"], []])
    func `a domain that is delegated elsewhere, or to nobody, is lost`(to names: [String]) async throws {
        var world = await home()
        #expect(try await world.plan(wish).verdict == .inSync)
        world.resolver = Elsewhere(dns: world.dns, servers: names.map(World.name))
        await world.apply(wish)
        let seen = try await world.ledger.now()
        world.ledger.advance(86_400)
        world.dns.remove(World.key("_smtp._tls.example.com", .txt))
        let plan = try await world.plan(wish)
        let finding = try #require(plan.findings.first { $0.code == .zoneLost })
        #expect(plan.verdict == .blocked && plan.steps.isEmpty)
        #expect(finding.message.contains("since \(seen)") && finding.message.contains("kept up until then"))
        #expect(names.allSatisfy { finding.message.contains($0) })
        #expect(try await world.status(wish).state == .lost)
        #expect(ExitStatus.of([try await world.status(wish)]) == .blocked)
    }

    @Test func `host and certificate go once no sender can hold the policy, if nobody asks for the zone any more`()
        async throws
    {
        var world = await home()
        world.resolver = Elsewhere(dns: world.dns, servers: [World.name("ns1.other.example")])
        await world.apply(wish)
        let seen = try await world.ledger.now()
        #expect(await world.apply(gone).map(\.kind) == [.blocked])
        let until = try await world.ledger.ledger(of: zone).bindsUntil(replacedBy: seen) + 2 * Self.day
        world.ledger.advance(until - seen - 1)
        #expect(try await world.plan(gone).steps.filter { $0.verb == .delete }.isEmpty)
        #expect(try await world.host.policy(for: zone) != nil)
        world.ledger.advance(1)
        let records = world.dns.sets
        let plan = try await world.plan(gone)
        #expect(plan.steps.map(\.resource) == [.policy, .certificate])
        #expect(await world.apply(gone).map(\.kind) == [.applied])
        #expect(world.dns.sets == records, "what is written there reaches nobody")
        #expect(try await world.ledger.ledger(of: zone).isManaged == false)
    }

    @Test func `with its manifest in place it is kept, and told, for ever`() async throws {
        var world = await home()
        world.resolver = Elsewhere(dns: world.dns, servers: [World.name("ns1.other.example")])
        await world.apply(wish)
        world.ledger.advance(400 * Self.day)
        let plan = try await world.plan(wish)
        #expect(plan.steps.filter { $0.verb == .delete }.isEmpty)
        #expect(plan.findings.contains { $0.code == .zoneLost && $0.message.contains("no sender can hold") })
    }

    @Test func `senders that went on asking there hold the policy from then on`() async throws {
        var world = await home()
        world.resolver = try await copied(world)
        for _ in 0..<30 {
            await world.apply(gone)
            world.ledger.advance(Self.day)
        }
        world.resolver = Elsewhere(dns: world.dns, servers: [World.name("ns1.other.example")])
        #expect(try await world.plan(gone).steps.filter { $0.verb == .delete }.isEmpty)
        world.ledger.advance(12 * Self.day)
        #expect(try await world.plan(gone).steps.map(\.resource) == [.policy, .certificate])
    }

    @Test func `a person's word reaches senders that were led here by a copied record`() async throws {
        var world = await home()
        world.resolver = try await copied(world)
        await world.apply(wish)
        let relaxing = Relaxing(
            store: world.ledger, owner: LeaseOwner(who: "ops", runner: "here", command: "relax"), commit: nil,
            patience: LeasePatience(seconds: 0, sleep: { _ in }))
        #expect(try await relaxing.relax(zone, to: .none, reason: "its mail is elsewhere") == .relaxed)
        let records = world.dns.sets
        await world.apply(wish)
        let body = try #require(try await world.host.policy(for: zone)?.body)
        #expect(try Policy.parse(Array(body.utf8)).mode == .none)
        #expect(world.dns.sets == records)
    }

    @Test func `servers that were renamed, and still have their former names at resolvers, are no loss`() async throws {
        var world = await home()
        servers(world, ["ns1.renamed.example"])
        world.resolver = Elsewhere(dns: world.dns, servers: [World.name("ns2.example.net")])
        #expect(try await world.plan(wish).findings.contains { $0.code == .zoneLost } == false)
    }

    @Test func `a zone that became part of its parent is no loss`() async throws {
        var world = await home()
        world.dns.remove(World.key("example.com", .ns))
        world.resolver = Elsewhere(dns: world.dns, servers: [])
        #expect(try await world.plan(wish).findings.contains { $0.code == .zoneLost } == false)
    }

    @Test func `while our record is answered there, its host is kept`() async throws {
        var world = await home()
        world.resolver = try await copied(world)
        await world.apply(wish)
        world.ledger.advance(400 * 86_400)
        let plan = try await world.plan(gone)
        #expect(plan.steps.filter { $0.verb == .delete }.isEmpty)
        #expect(plan.findings.contains { $0.code == .zoneLost && $0.message.contains("still answered there") })
    }

    @Test func `a domain that comes back goes on as before`() async throws {
        var world = await home()
        world.resolver = Elsewhere(dns: world.dns, servers: [])
        await world.apply(wish)
        #expect(try await world.ledger.ledger(of: zone).steering.lostSince != nil)
        world.resolver = nil
        #expect(await world.apply(wish).map(\.kind) == [.nothingToDo])
        #expect(try await world.ledger.ledger(of: zone).steering.lostSince == nil)
    }

    @Test func `servers that change together, or in part, are no loss, and nor is a question without an answer`()
        async throws
    {
        let both = await home()
        servers(both, ["ns9.example.net"])
        #expect(try await both.plan(wish).verdict == .inSync)
        var part = await home()
        part.resolver = Elsewhere(
            dns: part.dns, servers: [World.name("ns2.example.net"), World.name("ns3.other.example")],
            record: [])
        #expect(try await part.plan(wish).findings.contains { $0.code == .zoneLost } == false)
        let silent = await home()
        silent.dns.setUnknown(World.key("example.com", .ns))
        #expect(try await silent.plan(wish).findings.contains { $0.code == .zoneLost } == false)
    }

    @Test func `a provider that names servers which nobody asks loses no zone`() async throws {
        var world = World()
        servers(world, ["hidden.example.net"])
        world.mail("example.com", ["mx.example.com"])
        world.resolver = Elsewhere(dns: world.dns, servers: [World.name("public.example.net")])
        await world.apply(wish)
        #expect(try await world.plan(wish).findings.contains { $0.code == .zoneLost } == false)
    }
}
