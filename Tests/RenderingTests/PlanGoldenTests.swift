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

    @Test(
        arguments: [
            (#""made_at""#, #""mad_at""#, "has no 'madeAt'"),
            (#""zones" : ["#, #""zones" : [7, "#, "what stands at 'zones.0' is not what belongs there"),
        ])
    func `a broken plan says where, and names no type of the program`(old: String, new: String, words: String) throws {
        let text = String(decoding: try PlanDocument(try SamplePlan.plan()).encoded(), as: UTF8.self)
        let broken = text.replacing(old, with: new)
        #expect(broken != text)
        do throws(PlanFileError) {
            _ = try PlanDocument.decode(Array(broken.utf8))
            Issue.record("it was read")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
            #expect(!"\(error)".contains("CodingKeys") && !"\(error)".contains("Swift."))
        }
    }

    @Test func `the reviewed sample in plans renders`() throws {
        let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("plans/sample.json")
        let document = try PlanDocument.decode(Array(try Data(contentsOf: sample)))
        expectGolden(PlanText().render(document.plan), "sample-plan.txt")
    }

    @Test func `nothing to do is one line`() throws {
        var plan = try SamplePlan.plan()
        plan.zones = plan.zones.filter { $0.zone == SamplePlan.name("quiet.example") }
        plan.addOns = []
        #expect(
            PlanText().render(plan)
                == "Nothing to do: 1 zone as desired at 2027-01-15T08:00:00Z; next: renew certificate for mta-sts.quiet.example: due 2027-03-14T04:53:20Z.\n"
        )
    }

    @Test func `a plan in which all waits does not say that all is as desired`() throws {
        var plan = try SamplePlan.plan()
        plan.zones = plan.zones.filter { $0.zone == SamplePlan.name("quiet.example") }
        plan.addOns = []
        plan.zones[0].renewal = nil
        plan.zones[0].holds = [
            Hold(.policy, "b", until: plan.madeAt + 7_200), Hold(.mtaSTSRecord, "a", until: plan.madeAt + 3_600),
            Hold(.certificate, "c"),
        ]
        let ending =
            "Nothing to do now at 2027-01-15T08:00:00Z: 3 changes held in 1 of 1 zone, the first until 2027-01-15T09:00:00Z."
        #expect(PlanText().render(plan).hasSuffix(ending + "\n"))
        #expect(PlanMarkdown().render(plan).contains(ending))
    }

    @Test func `nothing to do is one line, add-ons included`() throws {
        var plan = try SamplePlan.plan()
        plan.zones = plan.zones.filter { $0.zone == SamplePlan.name("quiet.example") }
        #expect(
            PlanText().render(plan)
                == "Nothing to do: 1 zone as desired at 2027-01-15T08:00:00Z; next: renew certificate for mta-sts.quiet.example: due 2027-03-14T04:53:20Z; email-authentication: 3 domains, 28.50 EUR a month (9.50 EUR a domain).\n"
        )
    }

    @Test func `drift as text, apart from what commits have due`() throws {
        let drift = try SamplePlan.plan().drift
        expectGolden(PlanText(scope: drift.scope).render(drift.plan), "drift.txt")
    }

    @Test func `drift as Markdown`() throws {
        let drift = try SamplePlan.plan().drift
        expectGolden(PlanMarkdown(scope: drift.scope).render(drift.plan), "drift.md")
    }

    @Test func `no drift with a commit pending is not 'as desired'`() throws {
        var plan = try SamplePlan.plan()
        plan.zones = plan.zones.filter { ["quiet.example", "example.com"].contains("\($0.zone)") }
        for index in plan.zones.indices {
            plan.zones[index].holds = []
            plan.zones[index].findings = []
            plan.zones[index].steps.removeAll { $0.causes.contains(.drift) }
        }
        #expect(plan.zones.map(\.verdict).contains(.changes), "the sample has no pending commit")
        let text = PlanText(scope: plan.drift.scope).render(plan.drift.plan)
        #expect(
            text
                == "No drift: \(plan.zones.count) zones as last applied at 2027-01-15T08:00:00Z; one has changes to come, see 'certadns plan'.\n"
        )
        plan.zones = plan.zones.filter { $0.zone == SamplePlan.name("quiet.example") }
        #expect(
            PlanText(scope: plan.drift.scope).render(plan.drift.plan)
                == "No drift: 1 zone as last applied at 2027-01-15T08:00:00Z; next: renew certificate for mta-sts.quiet.example: due 2027-03-14T04:53:20Z.\n"
        )
    }

    @Test func `a plan without a commit says commit, one with a commit names it`() throws {
        var plan = try SamplePlan.plan()
        #expect(PlanText().render(plan).contains("nothing is there (commit 0123456789ab)"))
        plan.commit = nil
        #expect(PlanText().render(plan).contains("nothing is there (commit)"))
    }

    @Test func `what a stranger wrote steers neither terminal nor Markdown`() throws {
        let plan = try SamplePlan.plan()
        let text = PlanText().render(plan)
        let markdown = PlanMarkdown().render(plan)
        for output in [text, markdown] {
            #expect(!output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e })
        }
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
        #expect(text.utf16.count <= 65_536)
        #expect(text.contains("more, left out for length"))
        let blocked = try #require(text.range(of: "hostile.example"))
        #expect(text.range(of: "#### `zone").map { blocked.lowerBound < $0.lowerBound } ?? true)
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
