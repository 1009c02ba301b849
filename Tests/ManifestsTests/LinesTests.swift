import Findings
import Manifests
import Planning
import Testing

/// A newcomer is shown lines that can be copied: so they must be right.
@Suite struct LinesTests {
    private func actions(_ text: String) -> [String] {
        ManifestProbe.configuration(text).findings.map(\.action)
    }

    /// What stands between the quotes of `write '…'`.
    private func lines(_ actions: [String]) -> [String] {
        actions.flatMap { action in action.matches(of: #/'([a-z_]+: [^']+)'/#).map { String($0.output.1) } }
    }

    @Test func `a missing map is shown as the line to write, and that line can be read`() {
        let told = actions("state: state\n")
        #expect(
            told == [
                "write 'providers: {primary: {type: rfc2136, server: \"192.0.2.53:53\"}}', with your own values",
                "write 'policy_host: {type: serve, addresses: [192.0.2.80]}', with your own values",
            ])
        let read = ManifestProbe.configuration(lines(told).joined(separator: "\n"))
        #expect(read.configuration != nil && read.findings.isEmpty)
    }

    @Test func `an empty configuration is shown the least that can be read`() {
        let shown = lines(actions(""))
        #expect(shown.count == 2)
        let read = ManifestProbe.configuration(shown.joined(separator: "\n"))
        #expect(read.configuration != nil && read.findings.isEmpty)
    }

    @Test func `a missing report list is shown as the line to write, and that line can be read`() async throws {
        let text = Samples.manifest.replacing(#/rua: .*/#, with: "{}")
        let told = try await ManifestProbe.wish(text).findings.map(\.action)
        let shown = lines(told)
        #expect(shown == ["rua: [\"mailto:tls-reports@example.com\"]"])
        let mended = text.replacing("  {}", with: "  " + (shown.first ?? ""))
        #expect(try await ManifestProbe.wish(mended).findings.isEmpty)
    }
}
