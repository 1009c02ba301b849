import DNS
import Findings
import Manifests
import Planning
import Testing

/// `dns: delegated` and what the configuration says about it.
@Suite struct DelegatedManifestTests {
    private static let manifest = Samples.manifest.replacing("dns: primary", with: "dns: delegated")

    private static func configuration(_ delegation: String, issuer: String = "{type: local}") -> String {
        Samples.configuration
            .replacing("listen: \"0.0.0.0:443\"", with: "delegation: \(delegation)")
            .replacing("issuer: {type: local}", with: "issuer: \(issuer)")
    }

    private static func desired(_ configuration: String) async throws -> DesiredZone {
        let wish = try await ManifestProbe.wish(manifest, configuration: configuration)
        guard case .desired(let desired) = wish.wish else {
            throw Failed(told: wish.findings.map(ManifestProbe.line))
        }
        return desired
    }

    private struct Failed: Error { let told: [String] }

    @Test(arguments: [
        ("{type: local}", false),
        ("{type: acme, directory: \"https://ca.example/dir\"}", true),
        ("{type: acme, directory: \"https://ca.example/dir\", challenge: http-01}", false),
    ])
    func `a delegated zone stands in the zone of the policy host, by its provider`(
        issuer: String, provesByDNS: Bool
    ) async throws {
        let desired = try await Self.desired(
            Self.configuration(
                "{zone: hosting.example, provider: files, host: policy.hosting.example}", issuer: issuer))
        #expect(desired.providers == ["files"])
        #expect(
            desired.delegation
                == Delegation(
                    zone: try DomainName("hosting.example"), host: try DomainName("policy.hosting.example"),
                    provesByDNS: provesByDNS))
    }

    @Test func `the policy host's alias is its own name too`() async throws {
        let text = Self.configuration("{zone: hosting.example, provider: files}")
            .replacing("addresses: [192.0.2.80, \"2001:db8::80\"]", with: "cname: policy.hosting.example")
        #expect(try await Self.desired(text).delegation?.host == DomainName("policy.hosting.example"))
    }

    @Test(arguments: [
        (
            "{zone: hosting.example, provider: fils, host: p.example}",
            "6:102 provider-unknown: 'fils' is no provider of certadns.yaml -> did you mean 'files'?"
        ),
        (
            "{zone: hosting.example, host: p.example}",
            "6:68 provider-unknown: 'delegation' has no 'provider', and there are several -> use one of files, primary"
        ),
        (
            "{zone: hosting.example, provider: files}",
            "6:68 missing-key: 'delegation' has no 'host', and the policy host has no 'cname' -> name the host that owners shall make their alias of"
        ),
        (
            "{provider: files, host: p.example}",
            "6:68 missing-key: 'zone' is missing in policy_host.delegation -> add 'zone:' with domain name"
        ),
    ])
    func `what is wrong with a delegation is told where it stands`(delegation: String, expected: String) {
        let read = ManifestProbe.configuration(Self.configuration(delegation))
        #expect(read.configuration == nil)
        #expect(read.findings.map(ManifestProbe.line) == [expected])
    }

    @Test(arguments: [
        ("type: directry", "6:62 bad-value: 'directry' is no type of policy host -> did you mean 'directory'?"),
        (
            "type: directory",
            "6:14 missing-key: 'policy_host' of type 'directory' has no 'path' -> name the folder that your web server serves"
        ),
        (
            "path: web",
            "6:62 bad-value: 'path' is for a 'policy_host' of type 'directory' only -> add 'type: directory', or remove it"
        ),
    ])
    func `what is wrong with a folder is told where it stands`(words: String, expected: String) {
        let text = Samples.configuration.replacing("listen: \"0.0.0.0:443\"", with: words)
        let read = ManifestProbe.configuration(text)
        #expect(read.configuration == nil)
        #expect(read.findings.map(ManifestProbe.line) == [expected])
    }

    @Test func `no provider takes the word, and without a delegation no zone is delegated`() async throws {
        let taken = Samples.configuration.replacing("  files:", with: "  delegated:")
        #expect(
            ManifestProbe.configuration(taken).findings.map(\.message)
                == ["a provider can't be named 'delegated', which means something in manifests"])
        let wish = try await ManifestProbe.wish(Self.manifest)
        #expect(wish.wish == .unknown)
        #expect(
            wish.findings.map(ManifestProbe.line) == [
                "3:6 provider-unknown: 'dns: delegated' needs 'delegation' under 'policy_host' in certadns.yaml -> say there in which zone of yours the records shall stand"
            ])
    }
}
