import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// An enforced policy follows MX records that move in its time, or by a person's hand, and lets nobody go too soon.
@Suite struct MXFollowingTests {
    private let zone = "example.com"
    private let old = "mx1.example.com"
    private let new = "mx2.example.com"

    private func wish(_ following: MXFollowing? = nil, also: [String] = [], maxAge: Int = 604_800) -> ZoneWish {
        var wish = World.wish(
            zone, mode: .enforce, mx: .derived(also: also.map { MXPattern(exactly: World.name($0)) }), maxAge: maxAge)
        if case .desired(var desired) = wish.wish {
            desired.mtaSTS?.following = following
            wish.wish = .desired(desired)
            wish.digest = "\(desired)"
        }
        return wish
    }

    private func patterns(_ world: World) -> [String] {
        (world.host.hosted(World.name(zone))?.body ?? "").split(separator: "\r\n").filter { $0.hasPrefix("mx: ") }
            .map { String($0.dropFirst(4)) }
    }

    private func enforced(_ wish: ZoneWish) async -> World {
        let world = World()
        world.mail(zone, [old])
        await world.apply(wish)
        return world
    }

    @Test func `an added host is followed once it was seen for an hour, and the plan says so loudly until then`()
        async throws
    {
        let world = await enforced(wish())
        world.mail(zone, [old, new])
        // A plan writes nothing: what no apply saw yet counts from now.
        var plan = try await world.plan(wish())
        #expect(plan.steps.isEmpty && plan.findings.contains { $0.code == .mxMoved && $0.severity == .warning })
        #expect(plan.holds.map(\.until) == [try await world.ledger.now() + 3_600])
        #expect(await world.apply(wish()).map(\.kind) == [.held])
        #expect(patterns(world) == [old])
        world.ledger.advance(3_599)
        #expect(try await world.plan(wish()).steps.isEmpty)
        world.ledger.advance(1)
        plan = try await world.plan(wish())
        #expect(plan.steps.map(\.causes) == [[.mxMoved], [.mxMoved]])
        await world.apply(wish())
        #expect(patterns(world) == [old, new])
    }

    @Test func `no server's silence takes a listed host away, and no hand brings a withdrawn policy back`() async throws
    {
        var world = await enforced(wish())
        world.mail(zone, [old, new])
        world.mailServers = KnownServers(words: [("ns1", []), ("ns2", [])])
        await world.apply(wish())
        let seen = try await world.ledger.ledger(of: World.name(zone)).mxSeen
        #expect(seen.first { $0.host == World.name(old) }?.left == nil)
        await world.apply(World.wish(zone, policy: false))
        #expect(try await world.planner.followingMX([wish()]).isEmpty)
    }

    @Test func `a host that comes and goes is counted anew`() async throws {
        let world = await enforced(wish())
        for hosts in [[old, new], [old], [old, new]] {
            world.mail(zone, hosts)
            await world.apply(wish())
            world.ledger.advance(3_500)
        }
        await world.apply(wish())
        #expect(patterns(world) == [old])
        world.ledger.advance(100)
        await world.apply(wish())
        #expect(patterns(world) == [old, new])
    }

    @Test func `a host that one authoritative server does not show is not followed, and its hour begins once all do`()
        async throws
    {
        var world = await enforced(wish())
        world.mail(zone, [old, new])
        world.mailServers = KnownServers(words: [("ns1", [old, new]), ("ns2", [old])])
        for _ in 0..<2 {
            await world.apply(wish())
            world.ledger.advance(7_200)
        }
        let told = try #require(await world.plan(wish()).findings.first { $0.code == .mxMoved })
        #expect(told.message.contains("it is not shown by ns2"))
        #expect(patterns(world) == [old])
        world.mailServers = KnownServers(words: [("ns1", [old, new]), ("ns2", [old, new])])
        await world.apply(wish())
        #expect(patterns(world) == [old])
        world.ledger.advance(3_600)
        await world.apply(wish())
        #expect(patterns(world) == [old, new])
    }

    @Test func `a commit that changes something else takes no unproven host along`() async throws {
        let world = await enforced(wish())
        world.mail(zone, [old, new])
        await world.apply(wish(maxAge: 86_400))
        #expect(patterns(world) == [old])
        #expect(world.host.hosted(World.name(zone))?.body.contains("max_age: 86400") ?? false)
    }

    @Test func `with follow ask nothing but a person's hand lists a new host, and no commit goes along`() async throws {
        let ask = MXFollowing(way: .ask, after: 3_600, stableFor: 0)
        let world = await enforced(wish(ask))
        world.mail(zone, [new])
        await world.apply(wish(ask))
        world.ledger.advance(30 * 86_400)
        let outcomes = await world.apply(wish(ask))
        #expect(ExitStatus.of(outcomes) == .blocked)
        #expect(patterns(world) == [old])
        let byHand = try await world.planner.followingMX([wish(ask, maxAge: 86_400)])
        #expect(await world.apply(all: byHand).map(\.kind) == [.held])
        #expect(patterns(world) == [old, new])
        #expect(world.host.hosted(World.name(zone))?.body.contains("max_age: 604800") ?? false)
        // By hand is once: the commit is still due.
        let plan = try await world.plan(wish(ask, maxAge: 86_400))
        #expect(plan.steps.contains { $0.resource == .policy && $0.causes == [.commit] })
    }

    @Test func `a host that left stays listed until nobody can need it, and the plan gives the date`() async throws {
        let world = await enforced(wish())
        world.mail(zone, [old, new])
        await world.apply(wish())
        world.ledger.advance(3_600)
        await world.apply(wish())
        // Senders may hold the policy without the new host for a week, its TTL and a day.
        let until = try await world.ledger.now() + 604_800 + 300 + 86_400
        world.mail(zone, [new])
        await world.apply(wish())
        #expect(try await world.plan(wish()).holds.map(\.until) == [until])
        world.ledger.advance(604_800 + 300 + 86_400 - 1)
        await world.apply(wish())
        #expect(patterns(world) == [old, new])
        world.ledger.advance(1)
        #expect(try await world.plan(wish()).steps.map(\.causes) == [[.mxMoved], [.mxMoved]])
        await world.apply(wish())
        #expect(patterns(world) == [new])
    }

    @Test func `where every held policy lists today's hosts, one that left stays only for what resolvers answer`()
        async throws
    {
        let world = World()
        world.mail(zone, [old, new])
        await world.apply(wish())
        world.mail(zone, [new])
        await world.apply(wish())
        #expect(try await world.plan(wish()).holds.map(\.until) == [try await world.ledger.now() + 2 * 86_400])
        world.ledger.advance(2 * 86_400)
        await world.apply(wish())
        #expect(patterns(world) == [new])
    }

    @Test func `an announced host is listed at once, and the plan says from when MX may be moved to it`() async throws {
        let world = await enforced(wish())
        let announcing = wish(also: [new])
        let until = try await world.ledger.now() + 604_800 + 300 + 86_400
        await world.apply(announcing)
        #expect(patterns(world) == [old, new])
        var note = try #require(await world.plan(announcing).findings.first { $0.code == .mxAnnounced })
        #expect(note.message.contains("MX may be moved to \(new) from \(until) on"))
        world.ledger.advance(604_800 + 300 + 86_400)
        note = try #require(await world.plan(announcing).findings.first { $0.code == .mxAnnounced })
        #expect(note.message.contains("at any time"))
        world.mail(zone, [new])
        let plan = try await world.plan(announcing)
        #expect(!plan.findings.contains { $0.code == .mxMoved || $0.code == .mxNotCached })
    }

    @Test func `an enforced policy that would list no live mail host is not published`() async throws {
        let world = await enforced(wish())
        world.mail(zone, [new])
        let commit = wish(maxAge: 86_400)
        let plan = try await world.plan(commit)
        #expect(plan.verdict == .blocked && plan.findings.contains { $0.code == .mxNotInPolicy })
        await world.apply(commit)
        #expect(world.host.hosted(World.name(zone))?.body.contains("max_age: 604800") ?? false)
        world.ledger.advance(3_600)
        await world.apply(commit)
        #expect(patterns(world) == [old, new])
    }

    @Test func `a host that the enforced policy does not list yet is told with policy and date`() async throws {
        let world = await enforced(wish())
        let id = try #require(world.host.hosted(World.name(zone))?.id)
        world.mail(zone, [new])
        let until = try await world.ledger.now() + 604_800 + 300 + 86_400
        let finding = try #require(await world.plan(wish()).findings.first { $0.code == .mxNotCached })
        #expect(finding.severity == .error && finding.message.contains("policy \(id) until \(until)"))
        #expect(finding.message.contains(new))
    }

    @Test func `before the first policy a short history is told, and a change within the last days is warned of`()
        async throws
    {
        let world = World()
        world.mail(zone, [old])
        #expect(try await world.plan(World.wish(zone)).findings.map(\.code) == [.mxHistoryShort])
        var ledger = ZoneLedger(zone: World.name(zone))
        ledger.mxSeen = [MXSeen(host: World.name(old), first: Instant(seconds: 0), last: Instant(seconds: 0))]
        var live = LiveZone(zone: World.name(zone))
        live.mx = .value([LiveMX(preference: 1, host: World.name(old), target: .addresses([]))])
        let now = Instant(seconds: 1_800_000_000)
        func codes() -> [FindingCode] {
            Planner.plan(PlannerInput(wish: World.wish(zone), ledger: ledger, live: live, now: now)).plan.findings
                .map(\.code).filter { $0 == .mxUnstable || $0 == .mxHistoryShort }
        }
        #expect(codes() == [])
        ledger.mxSeen.append(
            MXSeen(host: World.name(new), first: Instant(seconds: 0), last: now, left: now + -6 * 86_400))
        #expect(codes() == [.mxUnstable])
        ledger.mxSeen[1].left = now + -8 * 86_400
        #expect(codes() == [])
    }
}

/// Authoritative servers that say what they say.
private struct KnownServers: MailHostWatcher {
    let words: [(String, [String])]

    func mailHosts(of zone: DomainName) async -> [MailHostWord] {
        words.map { MailHostWord(server: $0.0, hosts: Set($0.1.map(World.name))) }
    }
}
