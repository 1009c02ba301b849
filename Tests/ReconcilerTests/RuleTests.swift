import DNS
import Doubles
import Foundation
import MTASTS
import Planning
import Properties
import Rendering
import Testing

/// The design's rules over seeded histories: commits, drift, moving MX records and hosts, hidden answers, failing calls. The
/// seed is the test's argument.
@Suite struct RuleTests {
    /// `make proof` asks for more.
    static let seeds = ProcessInfo.processInfo.environment["CERTADNS_PROOF_SEEDS"].flatMap { UInt64($0) } ?? 200

    /// Rules 1, 2, 3, 5, 6, 7, 9 and 10 at every point of a random history; 2, 3 and 5 after every single call.
    @Test(arguments: 0..<RuleTests.seeds)
    func `histories with failing calls converge, in order, with ids that never return`(seed: UInt64) async throws {
        var history = History(seed: seed)
        let watch = RuleWatch(history.world, zone: history.zone)
        var departures: [IPAddress: Instant] = [:]
        for _ in 0..<6 {
            history.turn()
            let turned = try await history.world.ledger.now()
            // Calls fail before or after their effect, answers are missing.
            for _ in 0..<history.random(0...2) {
                history.disturb()
                await history.world.apply(history.wish)
            }
            history.heal()
            // One quiet run must converge.
            let outcome = await history.world.apply(history.wish)[0]
            let plan = try await history.world.plan(history.wish)
            try #require(watch.breaches.isEmpty, "seed \(seed): \(watch.breaches)")
            #expect(plan.steps.isEmpty, "seed \(seed): \(plan.steps.map(\.reason)) after \(outcome)")
            #expect(plan.verdict == .inSync || plan.verdict == .blocked, "seed \(seed): \(plan.verdict)")
            let again = try await history.world.plan(history.wish)
            for format in [Self.text, Self.markdown, Self.json] {
                #expect(try format(plan) == format(again), "seed \(seed): the same inputs printed two plans")
            }
            // Whoever may still be led to a former address is in the ledger.
            departures = departures.filter { watch.departed.contains($0.key) }
            for address in watch.departed where departures[address] == nil { departures[address] = turned }
            for (address, moved) in departures {
                let end = moved + 3_600 + 86_400
                if end <= turned { watch.forget(address) }
                guard plan.verdict == .inSync, end > turned else { continue }
                let former = try await history.world.ledger.ledger(of: history.zone).formerHosts
                let known = former.contains { former in
                    former.until >= end
                        && (former.place == .addresses([address]) || former.place == History.alias(of: address))
                }
                #expect(known, "seed \(seed): \(address) is not among \(former)")
            }
            // A blocked zone waits for a person; what was begun in it stays open until then.
            guard plan.verdict == .inSync else { continue }
            let calls = history.world.writes.count
            let kinds = await history.world.apply(history.wish).map(\.kind)
            #expect(kinds == [plan.holds.isEmpty ? .nothingToDo : .held], "seed \(seed): \(kinds)")
            #expect(history.world.writes.count == calls, "seed \(seed): applying twice was not applying once")
            let intents = try await history.world.ledger.ledger(of: history.zone).intents
            #expect(intents.isEmpty, "seed \(seed): \(intents)")
        }
    }

    /// Rule 7: whatever else happens, a record set of somebody else stays as it is.
    @Test(arguments: 0..<max(50, RuleTests.seeds / 4))
    func `what we did not create is never touched`(seed: UInt64) async throws {
        var history = History(seed: seed, adopt: false)
        let theirs = ["_smtp._tls", "_mta-sts", "mta-sts"][history.random(0...2)] + ".example.com"
        history.world.text(theirs, "somebody's")
        if theirs.hasPrefix("mta-sts") { history.world.alias(theirs, to: "host.example.net") }
        let foreign = history.world.dns.sets.filter { "\($0.key.name)" == theirs }
        for _ in 0..<6 {
            history.turn(.commit)
            history.disturb()
            await history.world.apply(history.wish)
            history.heal()
            await history.world.apply(history.wish)
            let now = history.world.dns.sets.filter { "\($0.key.name)" == theirs }
            #expect(now == foreign, "seed \(seed)")
        }
    }

    /// Rule 8: a zone fares the same beside one that fails in every way as it does alone.
    @Test(arguments: 0..<max(50, RuleTests.seeds / 4))
    func `a zone fares the same beside a failing one as alone`(seed: UInt64) async throws {
        var alone = History(seed: seed)
        var beside = History(seed: seed)
        let other = World.wish("failing.example")
        for _ in 0..<4 {
            alone.turn()
            beside.turn()
            for key in [World.key("failing.example", .mx), World.key("_smtp._tls.failing.example", .txt)] {
                beside.world.dns.setUnknown(key)
            }
            let one = await alone.world.apply(alone.wish)
            let two = await beside.world.apply(beside.wish, other)
            #expect(two.last?.kind == .failed, "seed \(seed)")
            #expect(one.first == two.first, "seed \(seed)")
            #expect(alone.world.dns.sets == beside.world.dns.sets, "seed \(seed)")
        }
    }

    /// Rule 10: what can't be read is left alone, and nothing is taken away for it.
    @Test(arguments: 0..<max(50, RuleTests.seeds / 4))
    func `an unanswered question takes nothing away`(seed: UInt64) async throws {
        var history = History(seed: seed)
        await history.world.apply(history.wish)
        let before = history.world.dns.sets
        for key in Owned.keys(of: history.zone) + [World.key("example.com", .mx)] {
            history.world.dns.setUnknown(key)
            history.turn(.commit)
            let plan = try await history.world.plan(history.wish)
            #expect(plan.verdict == .unknown, "seed \(seed), \(key)")
            #expect(!plan.steps.contains { $0.verb == .delete }, "seed \(seed), \(key)")
            #expect(!plan.steps.contains { $0.owner == key.name }, "seed \(seed), \(key)")
            await history.world.apply(history.wish)
            #expect(Set(before.keys).isSubset(of: history.world.dns.sets.keys), "seed \(seed), \(key)")
            history.world.dns.setUnknown(key, false)
        }
    }

    private static func text(_ plan: ZonePlan) throws -> String { PlanText(.plain).render(whole(plan)) }

    private static func markdown(_ plan: ZonePlan) throws -> String { PlanMarkdown().render(whole(plan)) }

    private static func json(_ plan: ZonePlan) throws -> String {
        String(decoding: try PlanDocument(whole(plan)).encoded(), as: UTF8.self)
    }

    private static func whole(_ plan: ZonePlan) -> Plan { Plan(madeAt: Instant(seconds: 0), zones: [plan]) }
}

extension Step {
    fileprivate var owner: DomainName? { if case .records(let change) = effect { change.owner } else { nil } }
}
