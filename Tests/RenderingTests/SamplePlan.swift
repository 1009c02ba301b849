import DNS
import Findings
import MTASTS
import Planning

/// A plan with every kind of step, verdict, hold and finding, some of it hostile.
enum SamplePlan {
    static func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

    static func text(_ owner: String, _ text: String, ttl: UInt32 = 300) -> RecordSet? {
        RecordSet(key: RecordKey(name: name(owner), type: .txt), ttl: ttl, data: [.txt(TextData(text))])
    }

    static func records(_ owner: String, from: String?, to: String?) -> Step.Effect {
        .records(
            RecordChange(
                owner: name(owner), expecting: [from.flatMap { text(owner, $0, ttl: 60) }].compactMap { $0 },
                absent: [.cname],
                writing: [to.flatMap { text(owner, $0) }].compactMap { $0 }))
    }

    static let hostile =
        "</td><script>alert(1)</script> @everyone [x](http://evil.example) ~~~~~~ ``` \u{1b}[31m\u{202e}|pipe"

    static let body = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n"

    static func plan() throws -> Plan {
        let id = PolicyID.make(counter: 2, digest: [1, 2, 3, 4, 5, 6, 7, 8])
        let served = Step.Requirement.policyServed(body: body, at: .current)
        let changing = ZonePlan(
            zone: name("example.com"), digest: "d1", verdict: .changes,
            steps: [
                Step(
                    .create, .tlsRPTRecord, causes: [.commit], reason: "the manifest asks for it and nothing is there",
                    effect: records("_smtp._tls.example.com", from: nil, to: "v=TLSRPTv1; rua=mailto:r@example.com")),
                Step(
                    .renew, .certificate, causes: [.due],
                    reason:
                        "renewal is due since 2026-11-01T00:00:00Z; the certificate expires at 2026-12-01T00:00:00Z",
                    effect: .certificate(names: [name("mta-sts.example.com")], issuer: "local")),
                Step(
                    .change, .delivery, causes: [.due], reason: "the web server shows what lies in its folder",
                    effect: .delivery(host: name("mta-sts.example.com"))),
                Step(
                    .change, .policy, causes: [.mxMoved],
                    reason: "the MX records changed, and the patterns follow them",
                    effect: .policy(PublishedBody(id: id, body: body), replacing: body.replacing("mx1", with: "mx0"))),
                Step(
                    .change, .mtaSTSRecord, causes: [.drift, .mxMoved],
                    reason: "the manifest changed, and someone changed it outside git too",
                    effect: records("_mta-sts.example.com", from: "v=STSv1; id=evil;", to: "v=STSv1; id=\(id);"),
                    requires: served),
            ],
            holds: [Hold(.policyHost, "the old host serves on", until: Instant(seconds: 1_800_003_600))],
            findings: [
                Finding(
                    .warning, .mxNotInPolicy, zone: "example.com",
                    "the mail host mx9.example.com is matched by no 'mx' pattern of the policy",
                    action: "add mx9.example.com to 'mx', or let 'mx: derived' follow the MX records")
            ])
        let hostileZone = ZonePlan(
            zone: name("hostile.example"), digest: "d2", verdict: .blocked,
            steps: [
                Step(
                    .delete, .tlsRPTRecord, causes: [.commit], reason: "the manifest no longer asks for it",
                    effect: records("_smtp._tls.hostile.example", from: hostile, to: nil))
            ],
            findings: [
                Finding(
                    .error, .unmanaged, zone: "hostile.example",
                    "at _mta-sts.hostile.example stands what we never applied: \(hostile)",
                    action: "compare it with the manifest, then take it over with 'adopt: true', or remove it")
            ])
        let unknown = ZonePlan(
            zone: name("broken.example"), digest: "", verdict: .unknown,
            findings: [
                Finding(
                    .error, .unknownKey, zone: "broken.example", "'mx_sts' is no key of the manifest",
                    action: "did you mean 'mta_sts'?",
                    at: Place(
                        file: "zones/broken.example.yaml", line: 3, column: 1, length: 6,
                        source: "mx_sts: {mode: testing}"))
            ])
        let quiet = ZonePlan(
            zone: name("quiet.example"), digest: "d4", verdict: .inSync,
            renewal: DueRenewal(host: name("mta-sts.quiet.example"), at: Instant(seconds: 1_805_000_000)))
        let moved = ZonePlan(
            zone: name("moved.example"), digest: "d5", verdict: .inSync,
            renewal: DueRenewal(
                host: name("mta-sts.moved.example"), at: Instant(seconds: 1_804_000_000),
                explanation: "https://ca.example/why?\u{1b}[31m|<b>"))
        let now = Instant(seconds: 1_800_000_000)
        let hold = IssuanceHold(until: now + 600, reason: "the CA is closed \(hostile)", failures: 3)
        let late = ZonePlan(
            zone: name("late.example"), digest: "d6", verdict: .inSync,
            holds: [Hold(.certificate, hold.reason, until: hold.until)],
            findings: [(hold, 5), (nil, 1)].compactMap { hold, share in
                Overdue.finding(
                    name("mta-sts.late.example"), expiring: now + 86_400, due: now + -86_400 * share, hold: hold,
                    now: now)?.about(zone: "late.example")
            }, renewal: DueRenewal(host: name("mta-sts.late.example"), at: now + -86_400 * 4))
        let leaving = ZonePlan(
            zone: name("leaving.example"), digest: "", verdict: .changes,
            steps: [Resource.policy, .delivery, .certificate].map { resource in
                Step(
                    .delete, resource, causes: [.due], reason: "no sender can ask for it any more",
                    effect: .removal(host: name("mta-sts.leaving.example")))
            })
        return Plan(
            madeAt: Instant(seconds: 1_800_000_000), commit: "0123456789abcdef0123456789abcdef01234567",
            zones: [changing, hostileZone, unknown, quiet, moved, late, leaving],
            addOns: [
                AddOnTotal(name: "email-authentication", domains: 3, price: .init(hundredths: 950, currency: "EUR"))
            ])
    }
}
