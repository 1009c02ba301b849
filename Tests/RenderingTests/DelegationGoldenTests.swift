import DNS
import Findings
import Golden
import MTASTS
import Planning
import Rendering
import Testing

/// What a plan shows of a zone whose owner has added nothing yet.
@Suite struct DelegationGoldenTests {
    @Test func `a delegated zone prints the records that its owner adds`() throws {
        let zone = try DomainName("customer.example")
        let sts = MTASTSDesire(
            mode: .testing, mx: .derived(also: []), maxAge: try #require(MaxAge(seconds: 604_800)))
        let desired = DesiredZone(
            zone: zone, providers: ["primary"], mtaSTS: sts, tlsRPT: nil, host: .addresses([]),
            delegation: Delegation(
                zone: try DomainName("hosting.example"), host: try DomainName("policy.hosting.example"),
                provesByDNS: true))
        var live = LiveZone(zone: zone)
        live.mx = .value([LiveMX(preference: 10, host: try DomainName("mx.customer.example"), target: .addresses([]))])
        for key in Owned.keys(of: zone, delegation: desired.delegation) { live.records[key] = .absent(.plain) }
        for alias in try #require(desired.delegation).aliases(of: desired) {
            live.aliases[alias.name] = .absent(.plain)
        }
        (live.certificate, live.hosted, live.caa) = (.absent(.plain), .absent(.plain), .absent(.plain))
        live.policy = .absent(.plain)
        let now = Instant(seconds: 1_800_000_000)
        let planned = Planner.plan(
            PlannerInput(
                wish: ZoneWish(zone: zone, wish: .desired(desired), digest: "d"), ledger: ZoneLedger(zone: zone),
                live: live, now: now))
        #expect(planned.plan.steps.isEmpty)
        expectGolden(PlanText().render(Plan(madeAt: now, zones: [planned.plan])), "delegated.txt")
    }
}
