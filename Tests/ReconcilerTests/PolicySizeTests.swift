import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Testing

/// A policy of more than 64 KiB, which senders would cut or refuse (RFC 8461 §3.2 lets them).
@Suite struct PolicySizeTests {
    private static let zone = World.name("example.com")

    /// Mail hosts whose patterns come to about `octets` of policy: few, for their names are long.
    private static func hosts(octets: Int) -> [String] {
        let labels = Array(repeating: String(repeating: "m", count: 60), count: 3).joined(separator: ".")
        let name = { (number: Int) in "\(number).\(labels).example.com" }
        return (0..<octets / "mx: \(name(1_000))\r\n".utf8.count).map { name(1_000 + $0) }
    }

    private static func stated(_ hosts: [String]) throws -> MXDesire {
        .patterns(try hosts.map { try MXPattern(parsing: $0) })
    }

    private static func refused(_ plan: ZonePlan) -> Bool {
        plan.verdict == .blocked && plan.findings.contains { $0.code == .policyTooLarge && $0.severity == .error }
    }

    @Test(arguments: [true, false])
    func `a new zone's policy over 64 KiB blocks it, and nothing is written`(derived: Bool) async throws {
        let world = World()
        let hosts = Self.hosts(octets: 70_000)
        world.mail("example.com", derived ? hosts : [hosts[0]])
        let wish = World.wish("example.com", mx: derived ? .derived(also: []) : try Self.stated(hosts), reports: false)
        let before = world.dns.sets
        let plan = try await world.plan(wish)
        #expect(Self.refused(plan))
        #expect(plan.steps.isEmpty)
        #expect(await world.apply(wish).map(\.kind) == [.blocked])
        #expect(world.writes.isEmpty)
        #expect(world.dns.sets == before)
        #expect(world.host.hosted(Self.zone) == nil)
    }

    @Test func `a policy that grows over 64 KiB leaves the one that is served, and its id`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        await world.apply(World.wish("example.com"))
        let before = (world.dns.sets, world.host.hosted(Self.zone), world.writes)
        let wish = World.wish("example.com", mx: try Self.stated(Self.hosts(octets: 70_000)))
        #expect(Self.refused(try await world.plan(wish)))
        #expect(await world.apply(wish).map(\.kind) == [.blocked])
        #expect(world.dns.sets == before.0)
        #expect(world.host.hosted(Self.zone) == before.1)
        #expect(world.writes == before.2)
    }

    @Test func `a policy a little under 64 KiB is published whole`() async throws {
        let world = World()
        world.mail("example.com", ["mx.example.com"])
        let wish = World.wish("example.com", mx: try Self.stated(Self.hosts(octets: 65_000)))
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        let body = try #require(world.host.hosted(Self.zone)).body
        #expect((64_000...65_536).contains(body.utf8.count))
    }

    @Test func `64 KiB are published, an octet more is not`() async throws {
        let frame = "version: STSv1\r\nmode: testing\r\nmax_age: 604800\r\n".utf8.count
        let full = Self.hosts(octets: 65_000)
        let used = frame + full.reduce(0) { $0 + "mx: \($1)\r\n".utf8.count }
        for octets in [65_536, 65_537] {
            // What is missing, in hosts whose names fit a label.
            var rest = octets - used
            var hosts = full
            while rest > 0 {
                let line = rest > 120 ? 60 : rest > 60 ? rest / 2 : rest
                let fill = String(repeating: "n", count: line - "mx: 00000.example.com\r\n".utf8.count)
                hosts.append("\(fill)\(10_000 + hosts.count).example.com")
                rest -= line
            }
            let world = World()
            world.mail("example.com", ["mx.example.com"])
            let wish = World.wish("example.com", mx: try Self.stated(hosts))
            #expect(Self.refused(try await world.plan(wish)) == (octets > 65_536))
            #expect(await world.apply(wish).map(\.kind) == [octets > 65_536 ? .blocked : .applied])
            #expect(world.host.hosted(Self.zone)?.body.utf8.count == (octets > 65_536 ? nil : octets))
        }
    }
}
