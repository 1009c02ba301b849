import Testing

@testable import ACME

/// Which of a CA's refusals are a word to the whole account. The texts are Boulder's (Let's Encrypt).
@Suite struct AccountLimitTests {
    private func refused(_ detail: String?, subproblem: String? = nil) -> ACMEError {
        var problem = Problem(type: "urn:ietf:params:acme:error:rateLimited", detail: detail, status: 429)
        if let subproblem {
            var part = Problem(detail: "x")
            part.identifier = .dns(subproblem)
            problem.subproblems = [part]
        }
        return .refused(problem, url: "https://ca/order", retryAfter: 60)
    }

    private let names = ["mta-sts.mail.example.com"]

    @Test(arguments: [
        ("too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-25 04:00:00 UTC", true),
        ("Service busy; retry later.", true), (nil, true),
        ("too many certificates (50) already issued for \"example.com\" in the last 168h0m0s, retry after …", false),
        (
            "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after …",
            false
        ),
        (
            "too many failed authorizations (5) for \"mta-sts.mail.example.com\" in the last 1h0m0s, retry after …",
            false
        ),
        ("too many certificates already issued for: Example.COM", false),
    ])
    func `a limit of one name or domain is no word to the account`(detail: String?, isForAll: Bool) {
        #expect(refused(detail).concernsAccount(apartFrom: names) == isForAll)
    }

    @Test func `nor is one that names an identifier, nor any other refusal; a busy server is`() {
        #expect(!refused("no", subproblem: "mta-sts.mail.example.com").concernsAccount(apartFrom: names))
        let rejected = Problem(type: "urn:ietf:params:acme:error:rejectedIdentifier", detail: "no", status: 400)
        #expect(!ACMEError.refused(rejected, url: "u", retryAfter: nil).concernsAccount(apartFrom: names))
        #expect(ACMEError.unexpected(status: 503, url: "u", retryAfter: 5).concernsAccount(apartFrom: names))
        #expect(!ACMEError.unexpected(status: 500, url: "u", retryAfter: 5).concernsAccount(apartFrom: names))
        #expect(!ACMEError.timedOut(url: "u").concernsAccount(apartFrom: names))
    }
}
