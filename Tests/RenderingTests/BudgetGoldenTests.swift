import DNS
import Foundation
import Golden
import Planning
import Rendering
import Testing

/// A plan of 3,000 new zones under a budget: how many today, and which day is the last.
@Suite struct BudgetGoldenTests {
    private static let now = Instant(seconds: 1_800_000_000)

    /// New zones, and one whose certificate is due; numbered so that names sort as numbers do.
    private static func plan(_ limits: BudgetLimits) -> Plan {
        let rules = BudgetRules(issuer: "ca.example", limits: limits)
        let zones = (0..<3_000).map { number in
            let zone = SamplePlan.name("zone\(10_000 + number).example")
            let host = SamplePlan.name("mta-sts.zone\(10_000 + number).example")
            let isDue = number == 2_999
            let facts = CertificateFacts(
                names: ["\(host)"], notBefore: now + -80 * 86_400, notAfter: now + 10 * 86_400, issuer: "ca.example",
                fingerprint: "f")
            let step = Step(
                isDue ? .renew : .issue, .certificate, causes: [isDue ? .due : .commit],
                reason: isDue ? "renewal is due" : "there is no certificate for \(host)",
                effect: .certificate(names: [host], issuer: "ca.example"))
            let reports = Step(
                .create, .tlsRPTRecord, causes: [.commit], reason: "the manifest asks for it and nothing is there",
                effect: SamplePlan.records(
                    "_smtp._tls.\(zone)", from: nil, to: "v=TLSRPTv1; rua=mailto:r@example.com"))
            let claim = BudgetClaim.of(step, zone: zone, held: isDue ? facts : nil, rules)
            let plan = ZonePlan(
                zone: zone, digest: "d", verdict: .changes, steps: number < 2 ? [reports, step] : [step])
            return (plan, claim)
        }
        let schedule = BudgetSchedule(zones.compactMap(\.1), IssuerBook(), rules, at: now)
        return Plan(
            madeAt: now,
            zones: zones.map { plan, _ in
                schedule.waits[plan.zone].map { plan.holdingCertificate($0, isNone: true) } ?? plan
            }, budget: schedule.forecast)
    }

    private static let limits = BudgetLimits(orders: BudgetLimits.Limit(300, per: 86_400))

    @Test func `the plan of three thousand new zones, first and last zones and summary`() throws {
        let plan = Self.plan(Self.limits)
        var few = plan
        few.zones = [0, 1, 298, 299, 300, 2_998, 2_999].map { plan.zones[$0] }
        let lines = PlanText().render(few).split(separator: "\n").dropLast(2)
        let summary = PlanText().render(plan).split(separator: "\n").suffix(2)
        expectGolden((lines + ["…"] + summary).joined(separator: "\n") + "\n", "budget.txt")
        #expect(PlanMarkdown().render(plan).contains("Certificates: 300 of 3000 now"))
    }

    @Test func `the same as JSON, which reads back equal`() throws {
        let plan = Self.plan(Self.limits)
        let octets = try PlanDocument(plan).encoded()
        let read = try PlanDocument.decode(octets)
        #expect(read.plan == plan)
        var document = read
        document.zones = [read.zones[0], read.zones[300], read.zones[2_999]]
        expectGolden(String(decoding: try document.encoded(), as: UTF8.self), "budget.json")
    }

    @Test func `where nothing waits, nothing is said`() throws {
        let plan = Self.plan(.none)
        #expect(plan.budget?.now == 3_000)
        #expect(!PlanText().render(plan).contains("Certificates:"))
    }
}
