import DNS
import Doubles
import Findings
import Planning
import Testing

@Suite struct ConflictTests {
    private let zone = "example.com"

    private func ready(adopt: Bool = false) async -> World {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        await world.apply(World.wish(zone, adopt: adopt))
        return world
    }

    @Test(arguments: [
        ("ghs.googlehosted.com", "Google Workspace"), ("contoso.mail.protection.outlook.com", "Microsoft 365"),
        ("x.mta-sts.easydmarc.pro", "EasyDMARC"), ("elsewhere.example.net", "another host"),
    ])
    func `an alias to another provider is blocked, and says who seems to hold it`(target: String, holder: String)
        async throws
    {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.alias("mta-sts.example.com", to: target)
        let plan = try await world.plan(World.wish(zone))
        #expect(plan.verdict == .blocked)
        #expect(plan.firstError?.contains("\(holder) seems to hold") == true, "\(plan.firstError ?? "")")
    }

    @Test func `several records at one name are blocked until they are adopted`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.texts("_mta-sts.example.com", ["v=STSv1; id=a;", "v=STSv1; id=b;"])
        world.texts("_smtp._tls.example.com", ["v=TLSRPTv1; rua=mailto:a@x", "v=TLSRPTv1; rua=mailto:b@x"])
        let plan = try await world.plan(World.wish(zone))
        #expect(plan.verdict == .blocked)
        #expect(plan.findings.count { $0.code == .severalRecords } == 2)
        #expect(await world.apply(World.wish(zone, adopt: true)).map(\.kind) == [.applied])
    }

    @Test func `adoption is spent once the zone was applied`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        await world.apply(World.wish(zone, policy: false, adopt: true))
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        let plan = try await world.plan(World.wish(zone, adopt: true))
        #expect(plan.verdict == .blocked)
        let finding = try #require(plan.findings.first { $0.code == .unmanaged })
        #expect(finding.action.contains("counts until a zone was first applied"))
        #expect(await world.apply(World.wish(zone, adopt: true)).map(\.kind) == [.blocked])
        let text = world.dns.sets[World.key("_mta-sts.example.com", .txt)]?.lines.first
        #expect(text?.contains("theirs") == true)
    }

    @Test func `a record that somebody added beside ours is theirs, and an edit of ours is put right`() async throws {
        let world = await ready(adopt: true)
        let key = World.key("_mta-sts.example.com", .txt)
        let ours = try #require(world.dns.sets[key])
        guard case .txt(let text)? = ours.data.first else { return #expect(Bool(false)) }
        world.texts("_mta-sts.example.com", [String(decoding: text.joined, as: UTF8.self), "v=STSv1; id=b;"])
        let plan = try await world.plan(World.wish(zone, adopt: true))
        #expect(plan.verdict == .blocked && plan.steps.isEmpty)
        #expect(plan.findings.map(\.code).contains(.severalRecords))
        world.text("_mta-sts.example.com", "v=STSv1; id=b;")
        #expect(await world.apply(World.wish(zone, adopt: true)).map(\.kind) == [.applied])
        #expect(world.dns.sets[key] == ours)
    }

    @Test func `an id that is announced over another body advises a higher generation, until all agree`() async throws {
        let world = await ready()
        let ours = try #require(world.host.hosted(World.name(zone)))
        #expect(try await !world.plan(World.wish(zone)).findings.contains { $0.code == .policyDiverged })
        try await world.host.put(PublishedBody(id: ours.id, body: ours.body + "x: y\r\n"), for: World.name(zone))
        let finding = try #require(
            await world.plan(World.wish(zone)).findings.first { $0.code == .policyDiverged })
        #expect(finding.message.contains("DNS announces \(ours.id)"))
        #expect(finding.action.contains("raise 'generation' to 2"))
        await world.apply(World.wish(zone))
        #expect(try await !world.plan(World.wish(zone)).findings.contains { $0.code == .policyDiverged })
    }
}
