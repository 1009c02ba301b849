import DNS
import Doubles
import Foundation
import MTASTS
import Planning
import Properties
import Testing

/// The design's rules over seeded histories: commits, drift, moving MX records, failing calls. The seed is the test's argument.
@Suite struct RuleTests {
    /// `make proof` asks for more.
    static let seeds = ProcessInfo.processInfo.environment["CERTADNS_PROOF_SEEDS"].flatMap { UInt64($0) } ?? 200

    /// Rule 1, 2, 5, 6 and 9 at every point of a random history.
    @Test(arguments: 0..<RuleTests.seeds)
    func `histories with failing calls converge, in order, with ids that never return`(seed: UInt64) async throws {
        var random = Seeded(seed)
        let world = World()
        world.mail("example.com", ["mx0.example.com"])
        var bodies: [String: String] = [:]
        var wish = World.wish("example.com", adopt: true)
        for _ in 0..<6 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: world.mail("example.com", (0...Int.random(in: 0...2, using: &random)).map { "mx\($0).example.com" })
            case 1: world.text("_mta-sts.example.com", "v=STSv1; id=evil;")
            case 2: world.dns.remove(World.key("mta-sts.example.com", .a))
            case 3: world.ledger.advance(Int.random(in: 1...80 * 86_400, using: &random))
            default:
                wish = World.wish(
                    "example.com", mode: [.testing, .enforce, .none].randomElement(using: &random) ?? .testing,
                    maxAge: [86_400, 604_800].randomElement(using: &random) ?? 86_400,
                    generation: Int.random(in: 1...2, using: &random), reports: true, adopt: true)
            }
            // Calls fail before or after their effect; sooner or later a quiet run must converge.
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                world.faults.fail(
                    call: Int.random(in: 0..<12, using: &random), Bool.random(using: &random) ? .before : .after)
                await world.apply(wish)
                try await checkAnnounced(world, &bodies, seed)
            }
            for _ in 0..<15 { await world.apply(wish) }
            try await checkAnnounced(world, &bodies, seed)
            let plan = try await world.plan(wish)
            #expect(plan.steps.isEmpty, "seed \(seed): \(plan.steps.map(\.reason))")
            #expect(plan == (try await world.plan(wish)), "seed \(seed): the same inputs gave two plans")
            // A blocked zone waits for a person; what was begun in it stays open until then.
            guard plan.verdict == .inSync else { continue }
            #expect(
                try await world.ledger.ledger(of: World.name("example.com")).intents.isEmpty,
                "seed \(seed): \(plan.verdict) \(plan.firstError ?? "-")")
        }
    }

    /// Rules 2 and 5: what an announced id stands for is served, and an id always stands for one body.
    private func checkAnnounced(_ world: World, _ bodies: inout [String: String], _ seed: UInt64) async throws {
        guard let set = world.dns.sets[World.key("_mta-sts.example.com", .txt)], case .txt(let text)? = set.data.first,
            case .one(let record, _) = RecordSelection.select(from: [text.joined]), record.id.counter != nil,
            let served = try await world.host.policy(for: World.name("example.com"))
        else { return }
        if record.id == served.id {
            #expect(
                bodies[record.id.text, default: served.body] == served.body,
                "seed \(seed): \(record.id) came back with another body")
            bodies[record.id.text] = served.body
        } else {
            // The body may be the successor's, never a predecessor's.
            #expect(
                (record.id.counter ?? 0) < (served.id.counter ?? 0),
                "seed \(seed): \(record.id) is announced, \(served.id) is served")
        }
    }
}
