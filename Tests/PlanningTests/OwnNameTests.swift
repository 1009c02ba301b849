import DNS
import Findings
import Planning
import Testing

/// Names of serve itself: a certificate and nothing else, under a key that no mail domain can have.
@Suite struct OwnNameTests {
    private static let now = Instant(seconds: 1_800_000_000)
    private static func name(_ text: String) throws -> DomainName { try DomainName(text) }

    private static func facts(_ host: String, age days: Int = 0, issuer: String = "ca.example") -> CertificateFacts {
        CertificateFacts(
            names: [host], notBefore: now + -days * 86_400, notAfter: now + (90 - days) * 86_400, issuer: issuer,
            fingerprint: "f")
    }

    private static func wish(_ host: String) throws -> ZoneWish {
        let key = CertificateOwner.ownName(try name(host)).key
        let desired = DesiredZone(
            zone: key, providers: ["primary"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]), issuer: "ca.example")
        return ZoneWish(zone: key, wish: .desired(desired), digest: "d")
    }

    private static func plan(
        _ wish: ZoneWish, held: Observation<CertificateFacts>, ledger: ZoneLedger?? = .none,
        caa: Observation<CAALook> = .absent(.plain)
    ) -> PlannedZone {
        var live = LiveZone(zone: wish.zone)
        live.certificate = held
        live.caa = caa
        live.issuer = IssuerIdentity(names: ["ca.example"], account: nil, methods: ["dns-01"])
        return Planner.plan(
            PlannerInput(wish: wish, ledger: ledger ?? ZoneLedger(zone: wish.zone), live: live, now: now))
    }

    @Test func `a key tells what the certificate is for, and no mail domain has an own name's`() throws {
        let host = try Self.name("reports.example")
        let own = CertificateOwner.ownName(host)
        let zone = CertificateOwner.policyHost(of: host)
        #expect(own.key != zone.key)
        #expect("\(own.key)" == "_serve.reports.example")
        #expect(CertificateOwner(key: own.key) == own)
        #expect(CertificateOwner(key: zone.key) == zone)
        #expect("\(own.host)" == "reports.example")
        #expect("\(zone.host)" == "mta-sts.reports.example")
        #expect(CertificateOwner(key: try Self.name("_SERVE.Reports.example")) == own)
        #expect(CertificateOwner(key: try Self.name("_serve")) == .policyHost(of: try Self.name("_serve")))
        #expect(CertificateOwner.keys(meant: host) == [zone.key, own.key])
        #expect(CertificateOwner.keys(meant: own.key) == [own.key])
    }

    @Test func `the certificate is the one step, with its cause, and a look asks for nothing else`() throws {
        let wish = try Self.wish("reports.example")
        let planned = Self.plan(wish, held: .absent(.plain))
        #expect(planned.plan.verdict == .changes)
        #expect(planned.plan.steps.count == 1)
        let step = try #require(planned.plan.steps.first)
        #expect(step.verb == .issue && step.causes == [.commit])
        #expect(step.effect == .certificate(names: [try Self.name("reports.example")], issuer: "ca.example"))
        let needs = LookNeeds.of(wish, ledger: ZoneLedger(zone: wish.zone), now: Self.now)
        #expect(needs.certificate && needs.caa)
        #expect(!needs.policy && !needs.mail && !needs.reports)
        #expect(Self.plan(wish, held: .absent(.plain), ledger: .some(nil)).plan.steps.count == 1, "without any ledger")
    }

    @Test func `held and young it is in sync, with the moment of its renewal; lost it is drift; old it is due`() throws
    {
        let wish = try Self.wish("reports.example")
        var ledger = ZoneLedger(zone: wish.zone)
        ledger.applied.certificate = Self.facts("reports.example")
        let young = Self.plan(wish, held: .value(Self.facts("reports.example")), ledger: ledger).plan
        #expect(young.verdict == .inSync)
        #expect(young.renewal?.host == (try Self.name("reports.example")))
        let lost = Self.plan(wish, held: .absent(.plain), ledger: ledger).plan
        #expect(lost.steps.map(\.causes) == [[.drift]])
        let old = Self.facts("reports.example", age: 61)
        ledger.applied.certificate = old
        let due = Self.plan(wish, held: .value(old), ledger: ledger).plan
        #expect(due.steps.map(\.verb) == [.renew] && due.steps.map(\.causes) == [[.due]])
        let late = Self.facts("reports.example", age: 88)
        let overdue = Self.plan(wish, held: .value(late), ledger: ledger).plan
        #expect(overdue.findings.contains { $0.code == .certificateOverdue && $0.severity == .error })
        #expect(ledger.attention?.expires == old.notAfter, "serve finds it by the ledger alone")
    }

    @Test func `no longer named it is let go by a note, not by a step, and what an issuance left is taken away`() throws
    {
        var wish = try Self.wish("reports.example")
        wish.wish = .gone
        var ledger = ZoneLedger(zone: wish.zone)
        ledger.applied.certificate = Self.facts("reports.example", age: 80)
        let gone = Self.plan(wish, held: .unknown(.notAsked), ledger: ledger).plan
        #expect(gone.steps.isEmpty && gone.verdict == .inSync)
        #expect(gone.findings.map(\.code) == [.certificateReleased])
        #expect(gone.renewal == nil)
        let proof = ChallengeProof.dns(name: try Self.name("_acme-challenge.reports.example"), value: "v")
        ledger.issuance.challenges = [proof]
        #expect(
            Self.plan(wish, held: .unknown(.notAsked), ledger: ledger).plan.steps.map(\.effect) == [.challenge(proof)])
        #expect(!LookNeeds.of(wish, ledger: ledger, now: Self.now).certificate)
    }

    @Test func `a hold waits, and CAA that forbids the CA needs a person`() throws {
        let wish = try Self.wish("reports.example")
        var ledger = ZoneLedger(zone: wish.zone)
        ledger.issuance.hold = IssuanceHold(until: Self.now + 60, reason: "the CA asks to wait", failures: 1)
        let held = Self.plan(wish, held: .absent(.plain), ledger: ledger).plan
        #expect(held.steps.isEmpty && held.holds.map(\.resource) == [.certificate])
        let other = try #require(CAA(flags: 0, tag: "issue", value: Array("other.example".utf8)))
        let look = CAALook(owner: try Self.name("example"), records: [other])
        let blocked = Self.plan(wish, held: .absent(.plain), caa: .value(look)).plan
        #expect(blocked.verdict == .blocked)
        #expect(blocked.findings.first?.code == .caaForbids)
        #expect(blocked.findings.first?.message.contains("certifying reports.example") == true)
    }

    @Test func `its status is told from what is held`() throws {
        let wish = try Self.wish("reports.example")
        let facts = Self.facts("reports.example")
        var ledger = ZoneLedger(zone: wish.zone)
        ledger.applied.certificate = facts
        var live = LiveZone(zone: wish.zone)
        live.certificate = .value(facts)
        let ready = ZoneStatus.judge(Self.plan(wish, held: live.certificate, ledger: ledger), live: live, at: Self.now)
        #expect(ready.state == .ready && ready.conditions.map(\.holds) == [true])
        live.certificate = .absent(.plain)
        let pending = ZoneStatus.judge(Self.plan(wish, held: live.certificate), live: live, at: Self.now)
        #expect(pending.state == .pending && pending.conditions.map(\.holds) == [false])
        let dead = Self.facts("reports.example", age: 91)
        ledger.applied.certificate = dead
        live.certificate = .value(dead)
        let expired = ZoneStatus.judge(
            Self.plan(wish, held: live.certificate, ledger: ledger), live: live, at: Self.now)
        #expect(expired.state == .degraded && expired.conditions.map(\.holds) == [false])
        #expect(expired.errors.map(\.code) == [.certificateOverdue])
    }
}
