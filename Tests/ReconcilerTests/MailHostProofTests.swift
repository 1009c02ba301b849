import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// An enforced policy lists no new mail host by itself that senders would refuse, and what can't be told is no proof.
@Suite struct MailHostProofTests {
    private static let zone = "example.com"
    private static let old = "mx1.example.com"
    private static let new = "mx2.example.com"
    private static let wish = World.wish(zone, mode: .enforce)

    /// An enforced zone to which a host came that shows `verdict`; `nil` where nobody asks.
    private static func moved(_ verdict: MailHostVerdict?) async -> World {
        var world = World()
        world.mail(zone, [old])
        await world.apply(wish)
        world.mail(zone, [old, new])
        world.mailProbe = verdict.map { KnownMailHosts(verdicts: [World.name(new): $0]) }
        await world.apply(wish)
        world.ledger.advance(7 * 86_400)
        return world
    }

    private static func lists(_ world: World, _ host: String) -> Bool {
        world.host.hosted(World.name(zone))?.body.contains("mx: \(host)\r\n") ?? false
    }

    @Test(arguments: [
        (
            MailHostVerdict.failing(.names, "its certificate names other.test, not it"),
            "its certificate names other.test"
        ),
        (.failing(.starttls, "it offers no STARTTLS"), "senders would refuse it: it offers no STARTTLS"),
        (.refused("it greets with '554 no'"), "can't be told, since it greets with '554 no'"),
        (.unknown(Unknown("there is no way to port 25")), "can't be told: there is no way to port 25"),
        (nil, "can't be told: mail hosts are not asked from this machine"),
    ])
    func `a host that does not prove its name is not followed, however long it is there, but by a person's hand`(
        verdict: MailHostVerdict?, words: String
    ) async throws {
        let world = await Self.moved(verdict)
        let plan = try await world.plan(Self.wish)
        let told = try #require(plan.findings.first { $0.code == .mxMoved })
        #expect(told.severity == .warning && told.message.contains(words), "\(told.message)")
        #expect(told.action.contains("certadns apply --only mx"))
        #expect(plan.holds.contains { $0.until == nil && $0.reason.contains("or by 'apply --only mx'") })
        #expect(await world.apply(Self.wish).map(\.kind) == [.held])
        #expect(!Self.lists(world, Self.new))
        await world.apply(all: try await world.planner.followingMX([Self.wish]))
        #expect(Self.lists(world, Self.new))
    }

    @Test func `one that mended its certificate is followed at once when its hour is over`() async throws {
        var world = await Self.moved(.failing(.dates, "its certificate expired"))
        world.mailProbe = KnownMailHosts()
        await world.apply(Self.wish)
        #expect(Self.lists(world, Self.new))
    }

    @Test func `before a policy is enforced for the first time, mail hosts that senders would refuse are told`()
        async throws
    {
        var world = World()
        world.mail(Self.zone, [Self.old, Self.new])
        world.mailProbe = KnownMailHosts(verdicts: [
            World.name(Self.old): .failing(.trust, "its certificate leads to no CA"),
            World.name(Self.new): .unknown(Unknown("no way to port 25")),
        ])
        let plan = try await world.plan(Self.wish)
        let warning = try #require(plan.findings.first { $0.code == .mxCertificate })
        #expect(warning.severity == .warning && warning.message.contains("mx1.example.com: its certificate leads"))
        let note = try #require(plan.findings.first { $0.code == .mxUnchecked })
        #expect(note.severity == .note && note.message.contains("mx2.example.com: no way to port 25"))
        #expect(plan.verdict == .changes, "it is a warning, and stops nothing")
    }

    @Test func `mail hosts are asked only where a plan depends on it`() async throws {
        let asked = AskedHosts()
        var world = World()
        world.mailProbe = asked
        world.mail(Self.zone, [Self.old])
        await world.apply(World.wish(Self.zone))
        #expect(asked.hosts == [], "a policy in testing")
        await world.apply(Self.wish)
        #expect(asked.hosts == [World.name(Self.old)], "the first that is enforced")
        await world.apply(Self.wish)
        #expect(asked.hosts.count == 1, "MX as the policy lists it")
        world.mail(Self.zone, [Self.old, Self.new])
        await world.apply(Self.wish)
        #expect(asked.hosts == [Self.old, Self.new].map(World.name), "the host that came, alone")
        await world.apply(
            World.wish(Self.zone, mode: .enforce, mx: .patterns([MXPattern(exactly: World.name(Self.old))])))
        #expect(asked.hosts.count == 2, "a list by hand follows nobody")
    }

    @Test func `of a domain with very many mail hosts the first are asked, and no other counts as proven`() async throws
    {
        let asked = AskedHosts(.failing(.starttls, "it offers no STARTTLS"))
        var world = World()
        world.mailProbe = asked
        world.mail(Self.zone, (0..<40).map { "mx\($0).example.com" })
        let findings = try await world.plan(Self.wish).findings
        #expect(asked.hosts.count == 32)
        #expect(findings.filter { $0.code == .mxCertificate }.count == 32)
        let rest = try #require(findings.first { $0.code == .mxUnchecked })
        #expect(rest.message.contains("mx39.example.com: no more than 32 mail hosts are asked"))
    }

    @Test func `a fleet asks each mail host once, whatever it says, and looks at the same moment share one answer`()
        async throws
    {
        let asked = AskedHosts(.unknown(Unknown("silent")))
        let probe = RememberingMailProbe(asked)
        let host = World.name(Self.old)
        let verdicts = await withTaskGroup(of: MailHostVerdict.self) { group in
            for _ in 0..<50 { group.addTask { await probe.check(host, at: [World.address("192.0.2.25")]) } }
            var all: Set<MailHostVerdict> = []
            for await verdict in group { all.insert(verdict) }
            return all
        }
        #expect(verdicts == [.unknown(Unknown("silent"))] && asked.hosts.count == 1)
        _ = await probe.check(host, at: [World.address("192.0.2.26")])
        #expect(asked.hosts.count == 2, "at another address it is another question")
    }

    @Test func `of many addresses a bad one is bad, and one out of reach says nothing against a good one`() {
        let bad = MailHostVerdict.failing(.names, "other")
        let silent = MailHostVerdict.unknown(Unknown("no IPv6 here"))
        #expect(MailHostVerdict.together([.valid, bad, silent]) == bad)
        #expect(MailHostVerdict.together([silent, .refused("554"), .valid]) == .valid)
        #expect(MailHostVerdict.together([silent, .refused("554")]) == .refused("554"))
        #expect(MailHostVerdict.together([silent]) == silent)
        #expect(MailHostVerdict.together([]) == .unknown(Unknown("it has no address", passing: false)))
    }
}

/// Counts whom it is asked about.
private final class AskedHosts: MailHostProbe {
    private let state = Mutex<[DomainName]>([])
    private let verdict: MailHostVerdict

    init(_ verdict: MailHostVerdict = .valid) { self.verdict = verdict }

    var hosts: [DomainName] { state.withLock { $0 } }

    func check(_ host: DomainName, at addresses: [IPAddress]) async -> MailHostVerdict {
        state.withLock { $0.append(host) }
        return verdict
    }
}
