import DNS
import Findings
import Golden
import Planning
import Rendering
import Testing

/// What people read of names of serve itself, beside a mail domain called the same.
@Suite struct OwnNameGoldenTests {
    private static let now = Instant(seconds: 1_800_000_000)
    private static let host = SamplePlan.name("reports.example.com")

    private static func facts(_ host: DomainName) -> CertificateFacts {
        CertificateFacts(
            names: ["\(host)"], notBefore: now + -10 * 86_400, notAfter: now + 80 * 86_400, issuer: "ca.example",
            fingerprint: "f")
    }

    private static func look(_ host: DomainName, _ wish: ZoneWish.Wish?, held: CertificateFacts?) -> ZoneStatusLook {
        let key = CertificateOwner.ownName(host).key
        let desired = DesiredZone(
            zone: key, providers: ["primary"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]), issuer: "ca.example")
        var ledger = ZoneLedger(zone: key)
        ledger.applied.certificate = held
        var live = LiveZone(zone: key)
        live.certificate = held.map { .value($0) } ?? .absent(.plain)
        live.caa = .absent(.plain)
        let planned = Planner.plan(
            PlannerInput(
                wish: ZoneWish(zone: key, wish: wish ?? .desired(desired), digest: "d"), ledger: ledger, live: live,
                now: now))
        return (planned, ZoneStatus.judge(planned, live: live, at: now))
    }
    private typealias ZoneStatusLook = (planned: PlannedZone, status: ZoneStatus)

    /// A new name, one that is kept up, one that is named no longer, and a mail domain called as the first.
    private static var looks: [ZoneStatusLook] {
        [
            look(host, nil, held: nil),
            look(SamplePlan.name("lmtp.example.com"), nil, held: facts(SamplePlan.name("lmtp.example.com"))),
            look(SamplePlan.name("old.example.com"), .gone, held: facts(SamplePlan.name("old.example.com"))),
        ]
    }

    private static var plan: Plan {
        let step = Step(
            .create, .tlsRPTRecord, causes: [.commit], reason: "the manifest asks for it and nothing is there",
            effect: SamplePlan.records(
                "_smtp._tls.reports.example.com", from: nil, to: "v=TLSRPTv1; rua=mailto:r@example.com"))
        let zone = ZonePlan(zone: host, digest: "d", verdict: .changes, steps: [step])
        return Plan(madeAt: now, zones: looks.map(\.planned.plan) + [zone])
    }

    @Test func `a plan with names of serve as text`() { expectGolden(PlanText().render(Self.plan), "own-names.txt") }

    @Test func `a plan with names of serve as Markdown`() {
        expectGolden(PlanMarkdown().render(Self.plan), "own-names.md")
    }

    @Test func `a plan with names of serve reads back equal from JSON, each under its key`() throws {
        let octets = try PlanDocument(Self.plan).encoded()
        #expect(try PlanDocument.decode(octets).plan == Self.plan)
        let text = String(decoding: octets, as: UTF8.self)
        #expect(text.contains("\"_serve.reports.example.com\"") && text.contains("\"reports.example.com\""))
    }

    @Test func `statuses of names of serve as text`() {
        expectGolden(StatusText(isLab: false).render(Self.looks.map(\.status)), "own-names-status.txt")
    }

    @Test func `outcomes and findings call a name of serve as people do`() {
        let key = CertificateOwner.ownName(Self.host).key
        let outcome = ZoneOutcome(zone: key, .failed, "the CA is down", failedStep: .certificate)
        #expect(
            OutcomeText().render(.ended(outcome))
                == "reports.example.com (name of serve): failed at certificate: the CA is down")
        let finding = Finding(.error, .caaForbids, "m", action: "a").about(zone: "\(key)")
        #expect(FindingText().render([finding]).hasPrefix("error: reports.example.com (name of serve): m"))
        #expect(FindingAnnotations.render([finding]).contains("::reports.example.com (name of serve): m"))
        #expect(FindingJSON.render([finding]).contains("\"_serve.reports.example.com\""))
    }
}
