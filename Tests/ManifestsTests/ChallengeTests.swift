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
