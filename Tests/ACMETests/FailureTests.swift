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

    @Test func `a server's own trouble may pass at once`() {
        #expect(refusal("serverInternal", status: 500, retryAfter: nil).retryable)
        #expect(ACMEError.unexpected(status: 502, url: "u", retryAfter: nil).failure.retryable)
        #expect(!ACMEError.unexpected(status: 404, url: "u", retryAfter: nil).failure.retryable)
    }
}
