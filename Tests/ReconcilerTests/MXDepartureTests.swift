import DNS
import Doubles
import Findings
import Foundation
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// A mail host that left stays listed as long as a resolver may lead a sender to it, as far as the history can tell.
@Suite struct MXDepartureTests {
    private static let zone = "example.com"
    private static let old = "mx1.example.com"
    private static let new = "mx2.example.com"
    private static let day = 86_400

    private static func wish(_ mode: Mode = .enforce, also: [String] = []) -> ZoneWish {
        World.wish(zone, mode: mode, mx: .derived(also: also.map { MXPattern(exactly: World.name($0)) }))
    }

    private static func patterns(_ world: World) -> [String] {
        (world.host.hosted(World.name(zone))?.body ?? "").split(separator: "\r\n").filter { $0.hasPrefix("mx: ") }
            .map { String($0.dropFirst(4)) }
    }

    /// MX records under a TTL.
    private static func mail(_ world: World, _ hosts: [String], ttl: UInt32) {
        world.mail(zone, hosts)
        let data = hosts.map { RecordData.mx(MX(preference: 10, exchange: World.name($0))) }
        if let set = RecordSet(key: World.key(zone, .mx), ttl: ttl, data: data) { world.dns.edit(set) }
    }

    @Test func `a host that left just before a policy is enforced stays listed as long as resolvers may answer it`()
        async throws
    {
        let world = World()
        world.mail(Self.zone, [Self.old, Self.new])
        await world.apply(Self.wish(.testing))
        world.ledger.advance(Self.day)
        world.mail(Self.zone, [Self.new])
        await world.apply(Self.wish(.testing))
        #expect(Self.patterns(world) == [Self.new], "in testing a policy lists today's hosts")
        let until = try await world.ledger.now() + 2 * Self.day
        world.ledger.advance(3_600)
        let plan = try await world.plan(Self.wish())
        #expect(plan.holds.contains { $0.until == until && $0.reason.contains("\(Self.old) left MX") })
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.old, Self.new])
        #expect(try await world.plan(Self.wish()).steps == [], "it is stable")
        world.ledger.advance(2 * Self.day)
        // The policy under which it was listed is enforced, and lists all of today's hosts.
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.new])
    }

    @Test func `one that stood in MX for less than an hour is not listed by a policy's first day of enforcing`()
        async throws
    {
        let world = World()
        world.mail(Self.zone, [Self.old, Self.new])
        await world.apply(Self.wish(.testing))
        world.ledger.advance(3_599)
        world.mail(Self.zone, [Self.new])
        await world.apply(Self.wish(.testing))
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.new])
    }

    @Test(arguments: [(300, 2), (3 * 86_400, 4), (30 * 86_400, 8)] as [(UInt32, Int)])
    func `the largest TTL under which a host was seen says how long it stays, a day at least and a week at most`(
        ttl: UInt32, days: Int
    ) async throws {
        let world = World()
        Self.mail(world, [Self.old, Self.new], ttl: ttl)
        await world.apply(Self.wish())
        // Lowered a moment before the move, as one does; who asked before keeps what it got.
        Self.mail(world, [Self.old, Self.new], ttl: 60)
        await world.apply(Self.wish())
        Self.mail(world, [Self.new], ttl: 60)
        await world.apply(Self.wish())
        let until = try await world.ledger.now() + days * Self.day
        #expect(try await world.plan(Self.wish()).holds.map(\.until) == [until])
        world.ledger.advance(days * Self.day - 1)
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.old, Self.new])
        world.ledger.advance(1)
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.new])
    }

    @Test func `the whole TTL is an authoritative server's, where one is asked`() throws {
        var look = LiveZone(zone: World.name(Self.zone))
        look.mx = .value([LiveMX(preference: 10, host: World.name(Self.old), target: .nowhere)])
        look.mxTTL = 17
        look.mailServers = [MailHostWord(server: "ns1", hosts: [World.name(Self.old)], ttl: 259_200)]
        let now = Instant(seconds: 1_800_000_000)
        let ledger = ZoneLedger(zone: World.name(Self.zone))
        let events = ledger.mailHostEvents(in: look, at: now)
        #expect(events == [.mxSeen([World.name(Self.old)], ttl: 259_200)])
        // Seen a moment ago: nothing to write, but for a TTL that grew.
        let known = ledger.recording(.mxSeen([World.name(Self.old)], ttl: 17), at: now)
        look.mailServers = nil
        #expect(known.mailHostEvents(in: look, at: now + 60) == [])
        look.mxTTL = 18
        #expect(known.mailHostEvents(in: look, at: now + 60) == [.mxSeen([World.name(Self.old)], ttl: 18)])
    }

    @Test func `a runner of earlier days, which tells no TTL, is understood`() throws {
        let told = #"{"mxSeen":{"_0":["mx1.example.com"]}}"#
        let event = try JSONDecoder().decode(LedgerEvent.self, from: Data(told.utf8))
        #expect(event == .mxSeen([World.name(Self.old)]))
    }

    @Test func `a listed host of which a history that is too short knows nothing counts as having left just now`()
        async throws
    {
        let world = World()
        world.mail(Self.zone, [Self.old, Self.new])
        await world.apply(Self.wish())
        // A ledger of the days when nobody remembered mail hosts.
        world.ledger.forgetMailHosts(of: World.name(Self.zone))
        world.mail(Self.zone, [Self.new])
        world.ledger.advance(30 * Self.day)
        let until = try await world.ledger.now() + 2 * Self.day
        #expect(try await world.plan(Self.wish()).holds.map(\.until) == [until])
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.old, Self.new])
        world.ledger.advance(Self.day)
        #expect(try await world.plan(Self.wish()).holds.map(\.until) == [until], "the apply remembered when")
        world.ledger.advance(Self.day)
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.new])
    }

    @Test func `a host that was only announced goes at once, since the history would know it`() async throws {
        let world = World()
        world.mail(Self.zone, [Self.old])
        await world.apply(Self.wish(also: [Self.new]))
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.old])
    }

    @Test(arguments: [(86_400, false), (86_401, true)])
    func `where nobody looked at MX for more than a day before a host goes, the plan says so`(
        pause: Int, isTold: Bool
    ) async throws {
        let world = World()
        world.mail(Self.zone, [Self.old, Self.new])
        await world.apply(Self.wish())
        world.mail(Self.zone, [Self.new])
        await world.apply(Self.wish())
        world.ledger.advance(Self.day)
        await world.apply(Self.wish())
        #expect(Self.patterns(world) == [Self.old, Self.new])
        world.ledger.advance(pause)
        let note = try await world.plan(Self.wish()).findings.first { $0.code == .mxHistoryShort }
        #expect((note != nil) == isTold)
        if isTold { #expect(note?.message.contains("\(Self.old) is not listed any more") ?? false) }
    }
}
