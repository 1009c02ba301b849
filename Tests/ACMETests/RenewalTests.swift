import Foundation
import NIOHTTP1
import Planning
import Testing

@testable import ACME

/// RFC 9773.
@Suite struct RenewalTests {
    /// The certificate of the RFC's appendix A.
    static let example = """
        -----BEGIN CERTIFICATE-----
        MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
        cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
        BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
        7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
        qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
        yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
        +FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
        -----END CERTIFICATE-----
        """

    @Test func `a certificate's name keeps the zero that DER puts before a high serial`() throws {
        #expect(try RenewalID.of(pem: Self.example) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE")
    }

    private func advice(_ json: String, retryAfter: Int? = nil) throws -> RenewalAdvice {
        try RenewalAdvice(
            ACMEAnswer(url: "u", status: 200, headers: [:], body: Data(json.utf8)), retryAfter: retryAfter)
    }

    @Test(arguments: [(nil, 21_600), (3, 60), (7_200, 7_200), (864_000, 86_400)] as [(Int?, Int)])
    func `a CA is asked again between a minute and a day later`(asked: Int?, again: Int) throws {
        let json = #"{"suggestedWindow": {"start": "2026-01-02T04:00:00Z", "end": "2026-01-03T04:00:00.5+02:00"}}"#
        let advice = try advice(json, retryAfter: asked)
        #expect(advice.again == again)
        #expect(advice.start == Instant("2026-01-02T04:00:00Z"))
        #expect(advice.end == Instant("2026-01-03T02:00:00Z"))
    }

    @Test func `a window that ends before it begins is no answer`() {
        #expect(throws: ACMEError.self) {
            _ = try advice(
                #"{"suggestedWindow": {"start": "2026-01-03T04:00:00Z", "end": "2026-01-02T04:00:00Z"}}"#)
        }
    }
}
