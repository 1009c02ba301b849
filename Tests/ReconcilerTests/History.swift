import DNS
import Doubles
import MTASTS
import Planning
import Properties

/// One zone's random history: what a team, strangers, mail administrators and time do to it.
struct History {
    /// What happens between two runs.
    enum Event: CaseIterable { case mail, edit, removal, time, commit, hostMove, leave }

    let world = World()
    let zone = World.name("example.com")
    private(set) var wish: ZoneWish
    private var source: Seeded
    private var hidden: [RecordKey] = []
    private let adopt: Bool
    private var host = HostTarget.addresses([World.address("192.0.2.80")])

    init(seed: UInt64, adopt: Bool = true) {
        source = Seeded(seed)
        self.adopt = adopt
        world.mail("example.com", ["mx0.example.com"])
        world.address("policy.example.net", World.address("192.0.2.90"))
        wish = World.wish("example.com", adopt: adopt)
    }

    /// The name of a policy host, by its address.
    static func alias(of address: IPAddress) -> HostTarget? {
        address == World.address("192.0.2.90") ? .cname(World.name("policy.example.net")) : nil
    }

    mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &source) }

    /// One event, of a kind or any.
    mutating func turn(_ event: Event? = nil) {
        switch event ?? Event.allCases.randomElement(using: &source) ?? .commit {
        case .mail: world.mail("example.com", (0...random(0...2)).map { "mx\($0).example.com" })
        case .edit:
            let name = ["_mta-sts.example.com", "_smtp._tls.example.com"][random(0...1)]
            world.text(name, "v=STSv1; id=evil\(random(0...9));")
        case .removal:
            for type in [RecordType.a, .aaaa, .cname] { world.dns.remove(World.key("mta-sts.example.com", type)) }
        case .time: world.ledger.advance(random(1...80 * 86_400))
        case .hostMove:
            host =
                [
                    .addresses([World.address("192.0.2.80")]),
                    .addresses([World.address("192.0.2.80"), World.address("192.0.2.81")]),
                    .cname(World.name("policy.example.net")),
                ][random(0...2)]
            commit()
        case .commit: commit()
        case .leave: wish = ZoneWish(zone: zone, wish: .gone, digest: "")
        }
    }

    private mutating func commit() {
        let mx: [MXDesire] = [
            .derived(also: []), .derived(also: [MXPattern(exactly: World.name("coming.example.net"))]),
            .patterns([MXPattern(exactly: World.name("mx0.example.com"))]),
            .patterns([MXPattern(exactly: World.name("nobody.example.com"))]),
        ]
        wish = World.wish(
            "example.com", mode: [.testing, .enforce, .none][random(0...2)], mx: mx[random(0...3)],
            maxAge: [86_400, 604_800][random(0...1)], generation: random(1...2),
            rua: ["mailto:reports@example.net", "mailto:others@example.net"][random(0...1)], host: host, adopt: adopt)
    }

    /// Lets a call fail, a key go unanswered, or an address of the host fall silent, until ``heal()``.
    mutating func disturb() {
        world.faults.fail(call: random(0...11), random(0...1) == 0 ? .before : .after, isRetryable: random(0...1) == 0)
        if random(0...2) == 0, let key = Owned.keys(of: zone).randomElement(using: &source) {
            world.dns.setUnknown(key)
            hidden.append(key)
        }
        for last in ["80", "81", "90"] {
            world.host.setSilent(random(0...3) == 0, at: World.address("192.0.2.\(last)"))
        }
    }

    mutating func heal() {
        world.faults.heal()
        for key in hidden { world.dns.setUnknown(key, false) }
        hidden = []
        for last in ["80", "81", "90"] { world.host.setSilent(false, at: World.address("192.0.2.\(last)")) }
    }
}
