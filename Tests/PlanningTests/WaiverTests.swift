import DNS
import Findings
import MTASTS
import Planning
import Testing

/// What an author accepts stays visible in the plan; what is no longer needed warns.
@Suite struct WaiverTests {
    private static let now = Instant(seconds: 1_800_000_000)

    private static func findings(_ waivers: [Waiver], raised: [Finding] = []) throws -> [String] {
        let zone = try DomainName("example.com")
        let wish = ZoneWish(zone: zone, wish: .gone, digest: "", waivers: waivers, findings: raised)
        let input = PlannerInput(wish: wish, ledger: nil, live: LiveZone(zone: zone), now: now)
        return Planner.plan(input).plan.findings.filter { $0.code != .dnsUnknown }.map {
            "\($0.severity) \($0.code.rawValue) \($0.zone ?? "-"): \($0.message)"
        }
    }

    private static let short = Finding(.warning, .maxAgeShort, "'max_age' is under a day", action: "use a week")

    private static func waiver(_ seconds: Int?) -> Waiver {
        Waiver(code: .maxAgeShort, reason: "a trial", until: seconds.map { now + $0 })
    }

    @Test(arguments: [nil, 0, 1])
    func `a waived finding is a note with its reason`(seconds: Int?) throws {
        #expect(
            try Self.findings([Self.waiver(seconds)], raised: [Self.short]) == [
                "note max-age-short example.com: 'max_age' is under a day (waived: a trial)"
            ])
    }

    @Test func `an expired waiver waives nothing, and warns`() throws {
        #expect(
            try Self.findings([Self.waiver(-1)], raised: [Self.short]) == [
                "warning max-age-short example.com: 'max_age' is under a day",
                "warning waiver-expired example.com: the waiver of 'max-age-short' ended at \(Self.now + -1)",
            ])
    }

    @Test func `an unused waiver warns`() throws {
        #expect(
            try Self.findings([Self.waiver(nil)]) == [
                "warning waiver-unused example.com: nothing raises 'max-age-short', which the manifest waives"
            ])
    }
}
