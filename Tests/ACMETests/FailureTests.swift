import Findings
import Planning
import Ports
import Testing

@testable import ACME

/// What a CA's answer means for those who might ask again.
@Suite struct FailureTests {
    private func refusal(_ kind: String, status: Int, retryAfter: Int?) -> Failure {
        ACMEError.refused(
            Problem(type: "urn:ietf:params:acme:error:\(kind)", detail: "words", status: status), url: "u",
            retryAfter: retryAfter
        ).failure
    }

    @Test(arguments: [("serverInternal", 503), ("serverInternal", 500), ("rateLimited", 429), ("badNonce", 400)])
    func `who is asked to wait does not try again in the same run`(kind: String, status: Int) {
        let failure = refusal(kind, status: status, retryAfter: 5_400)
        #expect(!failure.retryable)
        #expect(failure.kind == .limited)
        #expect(failure.retryAfter == 5_400)
        let page = ACMEError.unexpected(status: status, url: "u", retryAfter: 5_400).failure
        #expect(!page.retryable)
        #expect(page.retryAfter == 5_400)
    }

    @Test func `an unwanted challenge may have been set by zone, provider or issuer, and none is blamed alone`() {
        let failure = ACMEError.noChallenge(name: "a.test", offered: ["tls-alpn-01"]).failure
        #expect(failure.detail.contains("change 'challenge' where it is set (of the zone, its provider or the issuer)"))
    }

    @Test func `a certificate that can't be read is told by its host, with what to do`() {
        let facts = CertificateFacts(
            names: ["mta-sts.a.test"], notBefore: Instant(seconds: 0), notAfter: Instant(seconds: 1), issuer: "ca",
            fingerprint: "f")
        let material = CertificateMaterial(chain: "none", key: Redacted("none"), facts: facts)
        let failure = #expect(throws: Failure.self) { try ACMEIssuer.leaf(of: material) }
        #expect(failure?.detail.contains("mta-sts.a.test") == true && failure?.detail.contains("; restore") == true)
    }

    @Test(arguments: [
        ("rateLimited", 429), ("rateLimited", 400), ("serverInternal", 503), ("serverInternal", 429),
        ("unauthorized", 503),
        ("malformed", 429),
    ])
    func `a busy CA is left alone, and no wait is made up in its name`(kind: String, status: Int) {
        let failure = refusal(kind, status: status, retryAfter: nil)
        #expect(failure.kind == .limited && !failure.retryable)
        #expect(failure.retryAfter == nil)
        #expect(ACMEError.unexpected(status: 503, url: "u", retryAfter: nil).failure.kind == .limited)
        #expect(ACMEError.unexpected(status: 503, url: "u", retryAfter: nil).failure.retryAfter == nil)
    }

    @Test func `a server's own trouble may pass at once`() {
        #expect(refusal("serverInternal", status: 500, retryAfter: nil).retryable)
        #expect(ACMEError.unexpected(status: 502, url: "u", retryAfter: nil).failure.retryable)
        #expect(!ACMEError.unexpected(status: 404, url: "u", retryAfter: nil).failure.retryable)
    }
}
