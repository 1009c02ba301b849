import Findings
import Golden
import Planning
import Rendering
import Testing

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
