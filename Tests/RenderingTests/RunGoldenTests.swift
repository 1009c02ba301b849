import DNS
import Findings
import Foundation
import Golden
import Planning
import Rendering
import Testing

/// What is told of runs and of how zones stand, in each form.
@Suite struct RunGoldenTests {
    private let statuses = ZoneStatus.State.allCases.map { state in
        ZoneStatus(
            zone: SamplePlan.name("\(state.rawValue).example"), state: state, isUnread: state == .degraded,
            conditions: [
                .init("record", true, "id 1"), .init("policy", false, SamplePlan.hostile),
                .init("certificate", nil, "no look"),
            ], errors: state == .blocked ? [Self.stray] : [],
            renewal: state == .ready
                ? DueRenewal(
                    host: SamplePlan.name("mta-sts.ready.example"), at: Instant(seconds: 1_805_000_000),
                    explanation: "https://ca.example/why")
                : nil)
    }

    private static let stray = Finding(
        .error, .fileKind, "'zones/foo.yml' is no manifest: its name does not end in .yaml",
        action: "rename it to <zone>.yaml, or move it elsewhere", at: Place(file: "zones/foo.yml", line: 1, column: 1))

    private let outcomes = ZoneOutcome.Kind.allCases.map { kind in
        ZoneOutcome(
            zone: SamplePlan.name("\(kind.rawValue).example"), kind, kind == .applied ? "" : "because \u{1b}[1m\"",
            stepsDone: kind == .applied ? 5 : 0, failedStep: kind == .failed ? .policy : nil,
            errors: kind == .blocked ? 2 : 0)
    }

    private func events() throws -> [ApplyEvent] {
        let plan = try SamplePlan.plan()
        let zone = plan.zones[0].zone
        let step = try #require(plan.zones.lazy.compactMap(\.steps.first).first)
        return [
            .began(zone, steps: 2), .step(zone, step), .retrying(zone, step, reason: "SERVFAIL", seconds: 2),
            .done(zone, step),
        ] + outcomes.map { .ended($0) }
    }

    @Test func `statuses as text`() {
        expectGolden(StatusText(isLab: true).render(statuses, findings: [Self.stray]), "status.txt")
    }

    @Test func `statuses as JSON, all states counted`() throws {
        let document = StatusDocument(isLab: true, zones: statuses, findings: [Self.stray])
        expectGolden(try PrettyJSON.text(document), "status.json")
    }

    @Test func `outcomes as text`() throws {
        let text =
            try events().compactMap { OutcomeText().render($0) }.joined(separator: "\n") + "\n"
            + OutcomeText().summary(outcomes) + "\n"
        expectGolden(text, "outcomes.txt")
    }

    @Test func `outcomes as lines of JSON, all outcomes counted`() throws {
        let text =
            OutcomeJSON.finding(Self.stray) + (try events().map(OutcomeJSON.event).joined())
            + OutcomeJSON.summary(outcomes)
        expectGolden(text, "outcomes.jsonl")
        for line in text.split(separator: "\n") {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
    }

    private let history = History([
        .init(
            at: Instant(seconds: 1_800_000_060), zone: SamplePlan.name("example.com"), kind: "outcome",
            what: "done: create TLS-RPT record", who: "ann \u{1b}[1m\"", runner: "host:42", command: "certadns apply",
            manifest: String(repeating: "ab", count: 32), commit: "0123456789abcdef0123456789abcdef01234567"),
        .init(
            at: Instant(seconds: 1_800_000_000), zone: SamplePlan.name("example.com"), kind: "intent",
            what: "begin: create TLS-RPT record", who: "ann", runner: "host:42", command: "certadns apply",
            manifest: nil,
            commit: nil),
    ])

    @Test func `history as text`() {
        expectGolden(history.text, "history.txt")
        #expect(History([]).text == "Nothing was applied yet.\n")
    }

    @Test func `history as JSON`() throws { expectGolden(try PrettyJSON.text(history), "history.json") }

    private func dryRun() throws -> DryRunReport {
        let plan = try SamplePlan.plan()
        return DryRunReport(
            plan: plan,
            zones: [
                .init(zone: SamplePlan.name("lost.example"), skipped: "no manifest knows it \u{1b}[1m\""),
                .init(
                    zone: SamplePlan.name("example.com"),
                    writes: [
                        .init(
                            resource: .tlsRPTRecord,
                            lines: [
                                "zone example.com.", "update add _smtp._tls.example.com. 300 IN TXT \"\u{1b}\"", "send",
                            ]),
                        .init(
                            resource: .certificate, lines: ["certificate request to 'local' for mta-sts.example.com"]),
                    ]),
            ])
    }

    @Test func `a dry run as text`() throws { expectGolden(try dryRun().text(), "dry-run.txt") }

    @Test func `a dry run as JSON`() throws {
        expectGolden(try dryRun().json, "dry-run.json")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(try dryRun().json.utf8)) }
    }

    @Test func `policies as their host serves them`() {
        let looks: [PolicyLook] = [
            PolicyLook(address: "192.0.2.80:443", answer: .served(SamplePlan.body + "x: \u{1b}[1m\r\n")),
            PolicyLook(address: "[2001:db8::80]:443", answer: .notServed(.refused, "nothing listens there")),
            PolicyLook(address: "192.0.2.81:443", answer: .unknown("no route")),
        ]
        expectGolden(PolicyText.render(looks, of: SamplePlan.name("example.com")), "policies.txt")
    }

    @Test(.disabled(if: ProcessInfo.processInfo.environment["CERTADNS_RECORD_GOLDEN"] != nil))
    func `a missing golden file fails its test and is not written`() {
        withKnownIssue {
            expectGolden("x", "no-such-file.txt")
        } matching: { issue in
            issue.comments.contains { $0.rawValue.contains("run 'make golden'") }
        }
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/no-such-file.txt").path
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
