import DNS
import Findings
import Manifests
import Planning
import Testing

/// What certadns.yaml lays under the manifests, and what is told when it is broken.
@Suite struct DefaultsTests {
    private static func configuration(defaults: String) -> String {
        Samples.configuration.replacing("{mta_sts: {mode: testing, mx: derived, max_age: 7d}}", with: defaults)
    }

    private static let bare = "zone: example.com\nadd_ons: [email-authentication]\ndns: primary\n"

    @Test(
        arguments: [
            ("{mta_sts: {mode: tesing}}", "9:28 bad-value: 'tesing' is no mode -> did you mean 'testing'?"),
            (
                "{mta_sts: {max_age: 7x}}",
                "9:31 bad-value: 'max_age' is '7x', which is no duration -> write seconds, or a number with s, m, h, d or w, such as 30s or 7d"
            ),
            (
                "{dns: primry}",
                "9:17 provider-unknown: 'primry' is no provider of certadns.yaml -> did you mean 'primary'?"
            ),
            ("{add_ons: [vanity]}", "9:22 add-on-unknown: 'vanity' is no add-on -> use email-authentication"),
            (
                "{tls_rpt: {rua: []}}",
                "9:27 bad-value: 'rua' is an empty list -> name at least one address, or remove 'tls_rpt'"
            ),
            (
                "{mail: no}",
                "9:18 bad-value: 'mail' is 'no', and only 'none' means something -> write 'mail: none' or leave it away"
            ),
        ])
    func `a bad default is told once, where it stands`(defaults: String, expected: String) async throws {
        let text = Self.configuration(defaults: defaults)
        let read = ManifestProbe.configuration(text)
        #expect(read.configuration == nil)
        #expect(read.findings.map(ManifestProbe.line) == [expected])
        #expect(try await ManifestProbe.wish(Self.bare, configuration: text).findings.isEmpty)
    }

    @Test func `a default that a manifest completes or waives is fine`() async throws {
        let text = Self.configuration(
            defaults: "{tls_rpt: {}, dns: primary, mta_sts: {mode: enforce, max_age: 1800, mx: {also: [a.example]}}}")
        #expect(ManifestProbe.configuration(text).findings.isEmpty)
        let manifest =
            Self.bare
            + "mta_sts: {mx: {derived: true}}\ntls_rpt: {rua: [managed]}\nwaivers: [{code: max-age-range, reason: x}]\n"
        let wish = try await ManifestProbe.wish(manifest, configuration: text)
        #expect(wish.wish != .unknown)
        #expect(wish.findings.map(\.code) == [.maxAgeRange])
    }

    @Test func `a broken configuration hides no error of a manifest`() async throws {
        let broken = Samples.configuration.replacing("state: state", with: "stat: state")
        let manifest = Samples.manifest.replacing("mode: testing", with: "mode: testng") + "foo: 1\n"
        let wish = try await ManifestProbe.wish(manifest, configuration: broken)
        #expect(wish.wish == .unknown)
        #expect(wish.findings.map(\.code) == [.unknownKey, .badValue])
    }

    @Test func `what may stand in a broken configuration is not missed`() async throws {
        let wish = try await ManifestProbe.wish(
            "zone: example.com\nmta_sts: {mx: {also: [a.example]}}\ntls_rpt: {}\n", configuration: "state: [")
        #expect(wish.wish == .unknown)
        #expect(wish.findings.isEmpty)
    }

    @Test(arguments: ["mta_sts: {mode: none}", "tls_rpt: {rua: [managed]}"])
    func `a domain without mail can't ask for a policy or reports`(asked: String) async throws {
        let wish = try await ManifestProbe.wish(Self.bare + "mail: none\n\(asked)\n")
        #expect(wish.wish == .unknown)
        let column = asked.prefix { $0 != " " }.count + 2
        #expect(
            wish.findings.map(ManifestProbe.line) == [
                "5:\(column) bad-value: '\(asked.prefix { $0 != ":" })' stands beside 'mail: none', which publishes nothing -> remove one of the two"
            ])
        #expect(
            try await ManifestProbe.wish(Self.bare + "mail: none\n").findings.isEmpty, "defaults are no wish of its own"
        )
    }

    @Test func `a policy by defaults alone needs the add-on too`() async throws {
        let wish = try await ManifestProbe.wish("zone: example.com\ndns: primary\n")
        #expect(wish.findings.map(\.code) == [.addOnMissing])
        #expect(wish.findings.first?.place?.line == 1)
        let unset = try await ManifestProbe.wish("zone: example.com\ndns: primary\nmta_sts: null\n")
        #expect(unset.findings.map(\.code) == [.nothingManaged])
    }

    @Test(arguments: [
        ("b\u{fc}cher.example", "xn--bcher-kva.example"), ("B\u{dc}CHER.example", "xn--bcher-kva.example"),
        ("Example.COM.", "example.com"),
    ])
    func `a zone is named on the command line as in a manifest`(text: String, zone: String) {
        #expect(ZoneName.parse(text)?.description == zone)
        #expect(ZoneName.parse("no name") == nil)
    }
}
