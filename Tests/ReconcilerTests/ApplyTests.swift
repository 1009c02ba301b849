import DNS
import Doubles
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

@Suite struct ApplyTests {
    @Test func `a new zone is created in the order that loses no mail, and then there is nothing to do`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let wish = World.wish("example.com")
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(
            world.faults.calls.filter { $0 != "record" } == [
                "write _smtp._tls.example.com", "write mta-sts.example.com", "issue", "store mta-sts.example.com",
                "put example.com",
                "write _mta-sts.example.com",
            ])
        #expect(try await world.plan(wish).verdict == .inSync)
        let calls = world.faults.calls.count
        #expect(await world.apply(wish).map(\.kind) == [.nothingToDo])
        #expect(world.faults.calls.count == calls, "a second apply wrote something")
    }

    @Test func `an id is not announced while its policy can't be read back`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        world.host.setDown(true)
        let outcome = await world.apply(World.wish("example.com"))[0]
        #expect(outcome.kind == .failed)
        #expect(outcome.failedStep == .mtaSTSRecord)
        #expect(outcome.detail.contains("certadns serve"))
        #expect(world.dns.sets[World.key("_mta-sts.example.com", .txt)] == nil)
        world.host.setDown(false)
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.applied])
        #expect(world.host.issued == 1, "the certificate of the first run was not used")
    }

    @Test func `a changed policy gets a new id, and the old one never returns`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        var ids: [String] = []
        for maxAge in [604_800, 86_400, 604_800] {
            let wish = World.wish("example.com", maxAge: maxAge)
            #expect(await world.apply(wish).map(\.kind) == [.applied])
            ids.append(try #require(await world.host.policy(for: World.name("example.com"))).id.text)
        }
        #expect(Set(ids).count == 3)
        #expect(ids.map { $0.prefix(2) } == ["1x", "2x", "3x"])
    }

    @Test func `raising the generation gives the same body a new id`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com"))
        let first = try #require(await world.host.policy(for: World.name("example.com")))
        #expect(await world.apply(World.wish("example.com", generation: 2)).map(\.kind) == [.applied])
        let second = try #require(await world.host.policy(for: World.name("example.com")))
        #expect(first.body == second.body)
        #expect(first.id != second.id)
    }

    @Test func `drift is told apart from a commit and mended`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let wish = World.wish("example.com")
        await world.apply(wish)
        let before = world.dns.sets
        world.text("_mta-sts.example.com", "v=STSv1; id=evil;")
        world.dns.remove(World.key("_smtp._tls.example.com", .txt))
        let plan = try await world.plan(wish)
        #expect(plan.steps.map(\.causes) == [[.drift], [.drift]])
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.dns.sets == before)
    }

    @Test func `what we never applied is not touched without adopt`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        let outcome = await world.apply(World.wish("example.com"))[0]
        #expect(outcome.kind == .blocked)
        #expect(world.dns.sets[World.key("_mta-sts.example.com", .txt)]?.lines.first?.contains("theirs") == true)
        #expect(await world.apply(World.wish("example.com", adopt: true)).map(\.kind) == [.applied])
    }

    @Test func `moved MX records move a derived policy, and the plan says so`() async throws {
        let world = World()
        world.mail("example.com", ["mx1.example.com"])
        let wish = World.wish("example.com")
        await world.apply(wish)
        world.mail("example.com", ["mx1.example.com", "mx2.example.com"])
        #expect(try await world.plan(wish).steps.map(\.causes) == [[.mxMoved], [.mxMoved]])
    }

    @Test func `a zone without valid MX is blocked, and what was applied is kept up`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let wish = World.wish("example.com")
        await world.apply(wish)
        world.mail("example.com", [])
        world.dns.remove(World.key("_mta-sts.example.com", .txt))
        let plan = try await world.plan(wish)
        #expect(plan.verdict == .blocked)
        #expect(plan.steps.map(\.resource) == [.mtaSTSRecord])
        #expect(await world.apply(wish).map(\.kind) == [.blocked])
        #expect(world.dns.sets[World.key("_mta-sts.example.com", .txt)] != nil, "repair goes on in a blocked zone")
    }

    @Test func `unknown is not absent`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        world.dns.setUnknown(World.key("_mta-sts.example.com", .txt))
        let plan = try await world.plan(World.wish("example.com"))
        #expect(plan.verdict == .unknown)
        #expect(!plan.steps.contains { $0.resource == .mtaSTSRecord })
        let unreadable = ZoneWish(zone: World.name("example.com"), wish: .unknown, digest: "")
        #expect(try await world.plan(unreadable).steps.isEmpty)
        #expect(
            ExitStatus.of(Plan(madeAt: Instant(seconds: 0), zones: [try await world.plan(unreadable)]), detailed: false)
                == .error)
    }

    @Test func `one zone's failure is its own`() async throws {
        let world = World()
        world.mail("a.example", ["mx.a.example"])
        world.mail("b.example", ["mx.b.example"])
        world.dns.setUnknown(World.key("a.example", .mx))
        let outcomes = await world.apply(World.wish("a.example"), World.wish("b.example"))
        #expect(outcomes.map(\.kind) == [.failed, .applied])
        #expect(ExitStatus.of(outcomes) == .partial)
    }

    @Test func `a held lease is told, and nothing is written`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let lease = try await world.ledger.acquire(
            World.name("example.com"), by: .init(who: "x", runner: "y", command: "z"), for: 100)
        let outcomes = await world.apply(World.wish("example.com"))
        #expect(outcomes[0].isBusy)
        #expect(ExitStatus.of(outcomes) == .busy, "nothing could be done")
        #expect(world.faults.calls.isEmpty)
        try await world.ledger.release(lease)
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.applied])
    }

    @Test func `a reviewed plan is skipped where the world moved, and done steps count as done`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let wish = World.wish("example.com")
        let reviewed = try await world.plan(wish)
        world.mail("example.com", ["mx.example.com", "mx2.example.com"])
        let skipped = await world.apply(wish, reviewed: [reviewed.zone: reviewed])[0]
        #expect(skipped.kind == .skipped)
        #expect(skipped.detail.contains("moved"))
        #expect(!world.faults.calls.contains("write mta-sts.example.com"))
        world.mail("example.com", ["mx.example.com"])
        world.dns.edit(
            try #require(
                reviewed.steps.lazy.compactMap { step in
                    if case .records(let change) = step.effect { change.writing.first } else { nil }
                }.first))
        #expect(await world.apply(wish, reviewed: [reviewed.zone: reviewed]).map(\.kind) == [.applied])
    }

    @Test func `a reviewed zone that nothing asks for any more is skipped, and the others are applied`() async throws {
        let world = World()
        var reviewed: [DomainName: ZonePlan] = [:]
        for zone in ["a.example", "b.example"] {
            world.mail(zone, ["mx.\(zone)"])
            reviewed[World.name(zone)] = try await world.plan(World.wish(zone))
        }
        let outcomes = await world.apply(World.wish("b.example"), reviewed: reviewed)
        #expect(outcomes.map(\.zone) == [World.name("a.example"), World.name("b.example")])
        #expect(outcomes.map(\.kind) == [.skipped, .applied])
        #expect(outcomes[0].detail.contains("no manifest and no ledger"))
        #expect(ExitStatus.of(outcomes) == .blocked)
    }

    @Test func `a zone that was not reviewed is not touched by a reviewed apply`() async throws {
        let world = World()
        for zone in ["a.example", "b.example"] { world.mail(zone, ["mx.\(zone)"]) }
        let plan = try await world.plan(World.wish("a.example"))
        let outcomes = await world.apply(
            World.wish("a.example"), World.wish("b.example"), reviewed: [plan.zone: plan])
        #expect(outcomes.map(\.kind) == [.applied, .skipped])
        #expect(world.dns.sets[World.key("_smtp._tls.b.example", .txt)] == nil)
    }

    @Test func `a zone with nothing to do whose host is down is told, and is not all done`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com"))
        world.host.setDown(true)
        let outcomes = await world.apply(World.wish("example.com"))
        #expect(outcomes.map(\.kind) == [.nothingToDo])
        #expect(outcomes[0].errors == 1 && outcomes[0].detail.contains("senders get no policy"))
        #expect(ExitStatus.of(outcomes) == .blocked)
    }

    @Test func `a run told to stop starts no further zone`() async {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        #expect(await world.apply(World.wish("example.com"), stop: { true }).map(\.kind) == [.notStarted])
        #expect(world.faults.calls.isEmpty)
    }
}
