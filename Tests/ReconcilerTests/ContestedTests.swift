import DNS
import Doubles
import Findings
import Planning
import Testing

/// Two masters of one record set: what is put back and changed again, and again.
@Suite struct ContestedTests {
    private let key = World.key("_smtp._tls.example.com", .txt)
    private let wish = World.wish("example.com")

    /// Another tool changes the record, and an apply puts it back, so many times, ten minutes apart.
    private func fight(_ world: World, _ rounds: Int) async {
        for _ in 0..<rounds {
            world.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:other@example.org")
            await world.apply(wish)
            world.ledger.advance(600)
        }
    }

    @Test func `a record set that others change three times in a day is left and told`() async throws {
        let world = await World.applied("example.com")
        await fight(world, 2)
        #expect(try await world.plan(wish).findings.contains { $0.code == .contested } == false)
        await fight(world, 1)
        world.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:other@example.org")
        let plan = try await world.plan(wish)
        let finding = try #require(plan.findings.first { $0.code == .contested })
        #expect(plan.steps.isEmpty && plan.holds.map(\.resource) == [.tlsRPTRecord])
        #expect(finding.message.contains("other@example.org") && finding.message.contains("reports@example.net"))
        let times = finding.message.split(separator: "Z (_smtp._tls.example.com")
        #expect(times.count == 4, "three times stand in it, each with what was there: \(finding.message)")
        let before = world.writes.count
        await fight(world, 3)
        #expect(world.writes.count == before)
    }

    @Test func `a day later it is put back once more`() async throws {
        let world = await World.applied("example.com")
        await fight(world, 3)
        world.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:other@example.org")
        world.ledger.advance(86_400)
        #expect(try await world.plan(wish).steps.map(\.causes) == [[.drift]])
    }

    @Test func `a commit's change goes on, and so do other record sets`() async throws {
        let world = await World.applied("example.com")
        await fight(world, 3)
        world.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:other@example.org")
        world.dns.remove(World.key("_mta-sts.example.com", .txt))
        #expect(try await world.plan(wish).steps.map(\.resource) == [.mtaSTSRecord])
        let changed = World.wish("example.com", rua: "mailto:new@example.net")
        #expect(try await world.plan(changed).steps.map(\.resource).contains(.tlsRPTRecord))
    }

    @Test func `what is remembered of corrections is bounded`() async throws {
        let world = await World.applied("example.com")
        var ledger = try await world.ledger.ledger(of: World.name("example.com"))
        for minute in 0..<100 {
            let at = Instant(seconds: 1_800_000_000 + Int64(minute) * 60)
            ledger = ledger.recording(.corrected(Correction(.mtaSTSRecord, at: at, theirs: [])), at: at)
        }
        #expect(ledger.steering.corrections.count == 12)
    }
}
