import Manifests
import Planning
import Testing

/// How control of a policy host's name is proven is said by the zone, else by its provider, else by the issuer.
@Suite struct ChallengeTests {
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
}
