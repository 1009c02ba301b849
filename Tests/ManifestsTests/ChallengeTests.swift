import Findings
import Manifests
import Planning
import Testing

/// How control of a policy host's name is proven is said by the zone, else by its provider, else by the issuer.
@Suite struct ChallengeTests {
    @Test func `the issuer's usual way goes with the wish, and into no ledger: it may be another one tomorrow`()
        async throws
    {
        let configuration = Samples.configuration
            .replacing("{type: local}", with: "{type: acme, directory: \"https://ca.example/dir\", challenge: http-01}")
        let wish = try await ManifestProbe.wish(Samples.manifest, configuration: configuration)
        guard case .desired(let desired) = wish.wish else {
            Issue.record("\(wish.findings)")
            return
        }
        #expect(wish.provesByHost && desired.challenge == nil)
    }

    @Test(
        arguments: [
            ("", "", nil),
            ("challenge: http-01, ", "", .http01),
            ("", "challenge: http-01\n", .http01),
            ("challenge: http-01, ", "challenge: dns-01\n", .dns01),
        ] as [(String, String, ChallengeProof.Kind?)])
    func `the nearest word counts`(provider: String, manifest: String, expected: ChallengeProof.Kind?) async throws {
        let configuration = Samples.configuration.replacing("{type: rfc2136, ", with: "{type: rfc2136, \(provider)")
        let wish = try await ManifestProbe.wish(Samples.manifest + manifest, configuration: configuration)
        guard case .desired(let desired) = wish.wish else {
            Issue.record("no desired state: \(wish.findings)")
            return
        }
        #expect(desired.challenge == expected)
    }

    private static let acme = "{type: acme, directory: \"https://ca.example/dir\"}"

    @Test func `http-01 without a listener is told at the zone that wants it`() async throws {
        let configuration = Samples.configuration.replacing("{type: local}", with: Self.acme)
        let wish = try await ManifestProbe.wish(
            Samples.manifest + "challenge: http-01\n", configuration: configuration)
        #expect(wish.wish == .unknown)
        #expect(
            ManifestProbe.errors(wish.findings) == [
                "13:12 missing-key: the zone proves control by http-01, and nothing listens for it -> state 'listen_http' under 'policy_host' of certadns.yaml, or use dns-01"
            ])
        let dns = try await ManifestProbe.wish(Samples.manifest + "challenge: dns-01\n", configuration: configuration)
        #expect(ManifestProbe.errors(dns.findings) == [])
    }

    @Test(arguments: [
        ("listen: \"0.0.0.0:443\"", "listen: \"0.0.0.0:443\", listen_http: \"0.0.0.0:80\""),
        ("{type: rfc2136, ", "{type: rfc2136, challenge: http-01, "),
        ("/dir\"}", "/dir\", challenge: http-01}"), ("defaults: {", "defaults: {challenge: http-01, "),
        (acme, "{type: local}"),
    ])
    func `with one that the configuration speaks of, or a CA that asks for no proof, all is well`(
        old: String, new: String
    ) async throws {
        let configuration = Samples.configuration.replacing("{type: local}", with: Self.acme).replacing(old, with: new)
        let wish = try await ManifestProbe.wish(Samples.manifest + "challenge: http-01\n", configuration: configuration)
        #expect(ManifestProbe.errors(wish.findings) == [])
        guard new != "{type: local}" else { return }
        #expect(ManifestProbe.configuration(configuration).configuration?.answersHTTP01 == true)
    }

    @Test func `an unknown way is told with the nearest`() async throws {
        let wish = try await ManifestProbe.wish(Samples.manifest + "challenge: dns01\n")
        #expect(wish.wish == .unknown)
        #expect(
            ManifestProbe.errors(wish.findings).first?.hasSuffix(
                "bad-value: 'dns01' is no 'challenge' that is known -> did you mean 'dns-01'?") == true)
        let read = ManifestProbe.configuration(
            Samples.configuration.replacing("{type: rfc2136, ", with: "{type: rfc2136, challenge: tls-alpn-01, "))
        #expect(read.configuration == nil)
        #expect(
            read.findings.map(ManifestProbe.line).first?.hasSuffix(
                "'tls-alpn-01' is no 'challenge' that is known -> use dns-01, http-01") == true)
    }

    private static func configuration(proofs: String) -> String {
        Samples.configuration.replacing(
            "issuer: {type: local}",
            with: "issuer: {type: acme, directory: \"https://ca.example/dir\", challenge_provider: \(proofs)}")
    }

    @Test(arguments: [("files", "primary"), ("primary", "files")])
    func `a provider that is there for proofs alone is no zone's unless it is named`(
        proofs: String, usual: String
    ) async throws {
        let text = Self.configuration(proofs: proofs)
        for (manifest, expected) in [
            (Samples.manifest.replacing("dns: primary\n", with: ""), usual),
            (Samples.manifest.replacing("dns: primary", with: "dns: \(proofs)"), proofs),
        ] {
            let wish = try await ManifestProbe.wish(manifest, configuration: text)
            guard case .desired(let desired) = wish.wish else {
                Issue.record("no desired state: \(wish.findings)")
                continue
            }
            #expect(desired.providers == [expected])
        }
    }

    @Test func `a provider for proofs that is none is told where it is named`() {
        let read = ManifestProbe.configuration(Self.configuration(proofs: "file"))
        #expect(read.configuration == nil)
        let line = read.findings.map(ManifestProbe.line).first ?? ""
        #expect(
            line.hasSuffix(
                "provider-unknown: 'challenge_provider' is 'file', which is no provider of certadns.yaml -> did you mean 'files'?"
            ), "\(line)")
        #expect(read.findings.first?.place != nil)
    }
}
