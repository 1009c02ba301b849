import DNS
import Findings
import Foundation
import FoundationEssentials
import Golden
import Planning
import Rendering
import Testing

@Suite struct PlanGoldenTests {
    @Test func `a plan as text`() throws { expectGolden(PlanText().render(try SamplePlan.plan()), "plan.txt") }

    @Test func `a plan as text in colour`() throws {
        expectGolden(PlanText(Style(colour: true)).render(try SamplePlan.plan()), "plan-colour.txt")
    }

    @Test func `a plan as Markdown`() throws { expectGolden(PlanMarkdown().render(try SamplePlan.plan()), "plan.md") }

    @Test func `a plan as JSON, which reads back equal`() throws {
        let octets = try PlanDocument(try SamplePlan.plan()).encoded()
        expectGolden(String(decoding: octets, as: UTF8.self), "plan.json")
        #expect(try PlanDocument.decode(octets).plan == SamplePlan.plan())
    }

    @Test func `the reviewed sample in plans renders`() throws {
        let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("plans/sample.json")
        let document = try PlanDocument.decode(Array(try Data(contentsOf: sample)))
        expectGolden(PlanText().render(document.plan), "sample-plan.txt")
    }

    @Test func `nothing to do is one line`() throws {
        var plan = try SamplePlan.plan()
        plan.zones = plan.zones.filter { $0.verdict == .inSync }
        plan.addOns = []
        #expect(
            PlanText().render(plan)
                == "Nothing to do: 1 zone as desired at 2027-01-15T08:00:00Z; next due 2027-03-14T04:53:20Z.\n")
    }

    @Test func `what a stranger wrote steers neither terminal nor Markdown`() throws {
        let plan = try SamplePlan.plan()
        let text = PlanText().render(plan)
        let markdown = PlanMarkdown().render(plan)
        for output in [text, markdown] {
            #expect(!output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e })
        }
        // Inside the fence nothing is interpreted, and nothing in it can close the fence.
        let outside = markdown.components(separatedBy: "~~~~~~").enumerated().filter { $0.offset.isMultiple(of: 2) }
            .map(\.element).joined()
        for word in ["<script", "@everyone", "](http", "```"] { #expect(!outside.contains(word), "\(word)") }
        #expect(markdown.components(separatedBy: "\n").filter { $0.hasPrefix("~~~~~~") }.count.isMultiple(of: 2))
    }

    @Test func `Markdown fits its limit, the most important first, the rest counted`() throws {
        var plan = try SamplePlan.plan()
        let zones = (0..<2_000).compactMap { try? DomainName("zone\($0).example") }
        plan.zones += zones.map {
            ZonePlan(
                zone: $0, digest: "", verdict: .changes, steps: plan.zones[0].steps,
                findings: plan.zones.flatMap(\.findings))
        }
        let text = PlanMarkdown().render(plan)
        #expect(text.count <= 65_536)
        #expect(text.contains("more, left out for length"))
        let blocked = try #require(text.range(of: "hostile&#46;example"))
        #expect(text.range(of: "#### zone").map { blocked.lowerBound < $0.lowerBound } ?? true)
    }

    @Test func `the same plan renders the same from shuffled zones`() throws {
        let plan = try SamplePlan.plan()
        let shuffled = Plan(madeAt: plan.madeAt, commit: plan.commit, zones: plan.zones.reversed(), addOns: plan.addOns)
        #expect(try PlanDocument(plan).encoded() == PlanDocument(shuffled).encoded())
    }

    @Test(arguments: [
        ("{}", PlanFileError.notAPlan), ("{\"format\": \"certadns-plan\", \"version\": 2}", .otherVersion(2)),
        ("[1]", .notAPlan),
    ])
    func `what is no plan of ours is refused`(text: String, error: PlanFileError) {
        #expect(throws: error) { try PlanDocument.decode(Array(text.utf8)) }
    }

    @Test func `an expired plan is refused`() throws {
        let octets = try PlanDocument(try SamplePlan.plan()).encoded()
        let made = Instant(seconds: 1_800_000_000)
        #expect(throws: Never.self) { try PlanDocument.decode(octets, now: made + 86_400) }
        #expect(throws: PlanFileError.expired(at: made + 86_400)) {
            try PlanDocument.decode(octets, now: made + 86_401)
        }
    }
}

@Suite struct FindingGoldenTests {
    private let findings = [
        Finding(
            .error, .unknownKey, "'modde' is no key of mta_sts", action: "did you mean 'mode'?",
            at: Place(file: "zones/a.example.yaml", line: 4, column: 3, length: 5, source: "  modde: testing")),
        Finding(.warning, .maxAgeShort, zone: "a.example", "50% of\nit: \"quoted\", \u{1b}[0m", action: "write, more"),
        Finding(.note, .ledgerMissing, "there is no ledger", action: "nothing", actor: .operator),
    ]

    @Test func `findings as text`() { expectGolden(FindingText().render(findings), "findings.txt") }
    @Test func `findings as JSON`() { expectGolden(FindingJSON.render(findings), "findings.json") }
    @Test func `findings as workflow annotations`() {
        expectGolden(FindingAnnotations.render(findings), "findings.github")
    }
    @Test func `no finding is an empty list`() { #expect(FindingJSON.render([]) == "{\"findings\": []}\n") }
}

@Suite struct StatusGoldenTests {
    @Test func `statuses as text`() {
        let states = ZoneStatus.State.allCases.map { state in
            ZoneStatus(
                zone: SamplePlan.name("\(state.rawValue).example"), state: state,
                conditions: [
                    .init("record", true, "id 1"), .init("policy", false, SamplePlan.hostile),
                    .init("certificate", nil, "no look"),
                ])
        }
        expectGolden(StatusText(isLab: true).render(states), "status.txt")
    }

    @Test func `outcomes as text`() throws {
        let plan = try SamplePlan.plan()
        let step = plan.zones[0].steps.first ?? plan.zones[1].steps[0]
        let outcomes = ZoneOutcome.Kind.allCases.map { kind in
            ZoneOutcome(
                zone: SamplePlan.name("\(kind.rawValue).example"), kind, kind == .applied ? "" : "because \u{1b}[1m",
                failedStep: kind == .failed ? .policy : nil)
        }
        var events: [ApplyEvent] = [
            .began(plan.zones[0].zone, steps: 2), .retrying(plan.zones[0].zone, step, reason: "SERVFAIL", seconds: 2),
            .done(plan.zones[0].zone, step),
        ]
        events += outcomes.map { .ended($0) }
        let text =
            events.compactMap { OutcomeText().render($0) }.joined(separator: "\n") + "\n"
            + OutcomeText().summary(outcomes) + "\n"
        expectGolden(text, "outcomes.txt")
    }
}
