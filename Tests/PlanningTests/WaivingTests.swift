import DNS
import Findings
import Planning
import TLSRPT
import Testing

/// A waiver counts until its day ends, and a manifest's error that none covers blocks its zone.
@Suite struct WaivingTests {
    private static let now = Instant(seconds: 1_800_000_000)
    private let zone: DomainName

    init() throws { zone = try DomainName("example.com") }

    /// The plan of a zone without any record, whose manifest asks for reports and has a `max-age-range` error.
    private func plan(_ waivers: [Waiver]) throws -> (wish: ZoneWish, plan: ZonePlan) {
        let desired = DesiredZone(
            zone: zone, providers: ["primary"], mtaSTS: nil,
            tlsRPT: TLSRPTDesire(rua: [try ReportURI("mailto:reports@example.net")]), host: .addresses([]))
        let finding = Finding(.error, .maxAgeRange, "what", action: "next")
        let wish = ZoneWish(
            zone: zone, wish: .desired(desired), digest: "d", waivers: waivers, findings: [finding])
        var live = LiveZone(zone: zone)
        for key in Owned.keys(of: zone) { live.records[key] = .absent(.plain) }
        live.mx = .absent(.plain)
        live.certificate = .absent(.plain)
        let input = PlannerInput(wish: wish, ledger: ZoneLedger(zone: zone), live: live, now: Self.now)
        return (wish, Planner.plan(input).plan)
    }

    private func waiver(_ code: FindingCode, until: Instant?) -> Waiver {
        Waiver(code: code, reason: "old senders", until: until)
    }

    @Test func `without a waiver, with another or an ended one the zone is blocked and nothing is made`() throws {
        let ended = waiver(.maxAgeRange, until: Self.now + -1)
        for waivers in [[], [waiver(.mxMissing, until: nil)], [ended]] {
            let (wish, plan) = try plan(waivers)
            #expect(plan.verdict == .blocked && plan.steps.isEmpty, "\(plan.steps)")
            #expect(plan.findings.count { $0.code == .maxAgeRange && $0.severity == .error } == 1)
            #expect(wish.findings(at: Self.now).map(\.severity) == [.error])
        }
        #expect(try plan([ended]).plan.findings.contains { $0.code == .waiverExpired })
    }

    @Test func `a waiver that counts lets the zone go on, and is shown with its reason`() throws {
        for waivers in [[waiver(.maxAgeRange, until: nil)], [waiver(.maxAgeRange, until: Self.now)]] {
            let (wish, plan) = try plan(waivers)
            #expect(plan.verdict == .changes && plan.steps.map(\.resource) == [.tlsRPTRecord])
            #expect(plan.findings.map(\.severity) == [.note])
            #expect(plan.findings[0].message == "what (waived: old senders)")
            #expect(wish.findings(at: Self.now).map(\.severity) == [.note])
        }
    }
}
