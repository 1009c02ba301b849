import DNS
import Doubles
import Findings
import MTASTS
import Planning
import TLSRPT
import Testing

/// A zone whose DNS belongs to someone else: its owner adds aliases once, everything else happens in a zone of ours.
@Suite struct DelegationTests {
    private static let zone = World.name("customer.example")
    private static let delegation = Delegation(
        zone: World.name("hosting.example"), host: World.name("policy.hosting.example"), provesByDNS: true)
    private static let aliases = [
        ("_smtp._tls.customer.example", "customer.example._smtp._tls.hosting.example"),
        ("mta-sts.customer.example", "policy.hosting.example"),
        ("_acme-challenge.mta-sts.customer.example", "customer.example._acme-challenge.hosting.example"),
        ("_mta-sts.customer.example", "customer.example._mta-sts.hosting.example"),
    ]

    private func world() -> World {
        let world = World()
        world.mail("customer.example", ["mx.customer.example"])
        world.address("policy.hosting.example", World.address("192.0.2.80"))
        return world
    }

    private func wish(
        mode: Mode = .testing, maxAge: Int = 604_800, delegation: Delegation? = delegation
    ) -> ZoneWish {
        var wish = World.wish("customer.example", mode: mode, maxAge: maxAge)
        guard case .desired(var desired) = wish.wish else { return wish }
        desired.delegation = delegation
        // These are no tests of what is known of the mail hosts.
        desired.mtaSTS?.following = MXFollowing(way: .auto, after: 3_600, stableFor: 0)
        wish.wish = .desired(desired)
        wish.digest = "\(desired)"
        return wish
    }

    private func missing(_ plan: ZonePlan) -> [String] {
        plan.findings.filter { $0.code == .delegationMissing }.map(\.message)
    }

    /// Names that we wrote at.
    private func written(_ world: World) -> [String] {
        world.writes.filter { $0.hasPrefix("write ") }.map { String($0.dropFirst(6)) }
    }

    @Test func `exactly the missing records are told, and what rests on them waits`() async throws {
        let world = world()
        let plan = try await world.plan(wish())
        #expect(
            Set(missing(plan))
                == Set(
                    Self.aliases.map { "the domain's owner has yet to add: \($0.0). 3600 IN CNAME \($0.1)." }))
        #expect(plan.steps.map(\.resource) == [.tlsRPTRecord], "reports rest on nothing")
        #expect(plan.holds.map(\.resource) == [.certificate, .policy, .mtaSTSRecord])
        #expect(plan.findings.allSatisfy { $0.severity == .warning })
        #expect(await world.apply(wish()).map(\.kind) == [.held])
        #expect(try await world.status(wish()).state == .pending)
        let again = try await world.plan(wish())
        #expect(again.findings.allSatisfy { $0.severity == .warning } && again.holds == plan.holds)
        let ledger = try await world.ledger.ledger(of: Self.zone)
        #expect(ledger.applied.mtaSTS.isEmpty && ledger.applied.policy == nil, "what waits was never applied")
        #expect(ledger.desired == nil)
        #expect(world.host.issued == 0)
        #expect(written(world) == ["customer.example._smtp._tls.hosting.example"])
        // One after the other, the list gets shorter by just that one.
        for (index, alias) in Self.aliases.enumerated() {
            world.alias(alias.0, to: alias.1)
            #expect(missing(try await world.plan(wish())).count == 3 - index)
            await world.apply(wish())
            let announced = world.dns.sets[World.key("customer.example._mta-sts.hosting.example", .txt)] != nil
            #expect(announced == (index == 3), "announced after \(alias.0)")
        }
        #expect(try await world.plan(wish()).verdict == .inSync)
        #expect(try await world.plan(wish()).holds.isEmpty)
        #expect(try await world.status(wish()).state == .ready)
    }

    @Test func `the id changes without the owner, after the policy, and only our zone is written`() async throws {
        let world = world()
        for alias in Self.aliases { world.alias(alias.0, to: alias.1) }
        let steps = try await world.plan(wish()).steps
        #expect(steps.map(\.resource) == [.tlsRPTRecord, .certificate, .policy, .mtaSTSRecord])
        #expect(
            steps.last?.requires.map {
                if case .policyServed(_, .target(let name)) = $0 { "\(name)" } else { "\($0)" }
            } == "mta-sts.customer.example")
        await world.apply(wish())
        let before = world.dns.sets.filter { $0.key.name.isSame(orBelow: Self.zone) }
        #expect(await world.apply(wish(mode: .enforce)).map(\.kind) == [.applied])
        #expect(await world.apply(wish(mode: .enforce)).map(\.kind) == [.nothingToDo])
        #expect(world.dns.sets.filter { $0.key.name.isSame(orBelow: Self.zone) } == before)
        #expect(written(world).allSatisfy { $0.hasSuffix(".hosting.example") })
        #expect(try await world.status(wish(mode: .enforce)).state == .ready)
        // Ours in the host's zone is repaired like everywhere.
        world.text("customer.example._mta-sts.hosting.example", "v=STSv1; id=evil;")
        let repair = try await world.plan(wish(mode: .enforce)).steps
        #expect(repair.map(\.resource) == [.mtaSTSRecord] && repair.first?.causes == [.drift])
        // A manifest that can't be read lets renewals go on.
        world.ledger.advance(70 * 86_400)
        let unread = ZoneWish(zone: Self.zone, wish: .unknown, digest: "")
        #expect(try await world.plan(unread).steps.map(\.resource) == [.certificate])
    }

    @Test(arguments: Self.aliases.map(\.0))
    func `a record that goes away after the zone was live is told as that`(name: String) async throws {
        let world = world()
        for alias in Self.aliases { world.alias(alias.0, to: alias.1) }
        await world.apply(wish())
        world.dns.remove(World.key(name, .cname))
        var plan = try await world.plan(wish())
        #expect(missing(plan).count == 1 && missing(plan)[0].contains(name))
        #expect(plan.steps.isEmpty, "nothing is taken away for it")
        let isReports = name.hasPrefix("_smtp")
        #expect(plan.findings.map(\.severity) == [isReports ? .warning : .error])
        world.alias(name, to: "elsewhere.example")
        plan = try await world.plan(wish())
        #expect(missing(plan).first?.contains("\(name) is an alias of elsewhere.example; it must be: ") == true)
        world.dns.setUnknown(World.key(name, .cname))
        plan = try await world.plan(wish())
        #expect(plan.verdict == .unknown && missing(plan).isEmpty && plan.steps.isEmpty)
    }

    @Test func `without a proof by DNS the owner adds three records`() async throws {
        let world = world()
        var delegation = Self.delegation
        delegation.provesByDNS = false
        let wish = wish(delegation: delegation)
        #expect(missing(try await world.plan(wish)).count == 3)
        world.alias("mta-sts.customer.example", to: "policy.hosting.example")
        #expect(
            try await world.plan(wish).steps.map(\.resource) == [.tlsRPTRecord, .certificate, .policy])
        #expect(try await world.plan(wish).holds.map(\.resource) == [.mtaSTSRecord])
    }

    @Test func `what somebody else put into our zone is not taken over`() async throws {
        let world = world()
        for alias in Self.aliases { world.alias(alias.0, to: alias.1) }
        world.text("customer.example._mta-sts.hosting.example", "theirs")
        await world.apply(wish())
        #expect(try await world.plan(wish()).verdict == .blocked)
        let set = world.dns.sets[World.key("customer.example._mta-sts.hosting.example", .txt)]
        #expect(set?.data == [.txt(TextData("theirs"))])
    }

    @Test func `a zone whose DNS changes hands keeps its ids counting`() async throws {
        let world = world()
        await world.apply(World.wish("customer.example"))
        for (name, target) in Self.aliases {
            for type in [RecordType.txt, .a] { world.dns.remove(World.key(name, type)) }
            world.alias(name, to: target)
        }
        #expect(await world.apply(wish(mode: .enforce)).map(\.kind) == [.applied])
        let text = world.dns.sets[World.key("customer.example._mta-sts.hosting.example", .txt)]?.data.first
        #expect("\(text.map { "\($0)" } ?? "")".contains("id=2x"))
        #expect(try await world.plan(wish(mode: .enforce)).verdict == .inSync)
        #expect(try await world.status(wish(mode: .enforce)).state == .ready)
    }
}
