import Foundation
import Testing

@testable import ACME

/// RFC 8555 §7.1.6, state by state.
@Suite struct OrderProgressTests {
    private func order(_ status: String, certificate: String? = nil) throws -> Order {
        let found = certificate.map { #", "certificate": "\#($0)""# } ?? ""
        return try JSONDecoder().decode(
            Order.self,
            from: Data(
                #"{"status": "\#(status)", "identifiers": [], "authorizations": ["a", "b"], "finalize": "f"\#(found)}"#
                    .utf8))
    }

    private func authorization(_ status: String, error: String? = nil) throws -> Authorization {
        let problem = error.map { #", "error": {"detail": "\#($0)"}"# } ?? ""
        return try JSONDecoder().decode(
            Authorization.self,
            from: Data(
                #"{"identifier": {"type": "dns", "value": "a.example"}, "status": "\#(status)", "challenges": [{"type": "dns-01", "url": "c", "status": "\#(status)"\#(problem)}]}"#
                    .utf8))
    }

    @Test func `an order goes from proof to certificate`() throws {
        let pending = try authorization("pending")
        let valid = try authorization("valid")
        #expect(OrderProgress.next(try order("pending"), [valid, pending]) == .prove(1))
        #expect(OrderProgress.next(try order("pending"), [valid, valid]) == .wait)
        #expect(OrderProgress.next(try order("ready"), []) == .finalize)
        #expect(OrderProgress.next(try order("processing"), []) == .wait)
        #expect(OrderProgress.next(try order("valid", certificate: "c"), []) == .download("c"))
    }

    @Test func `an end without a certificate says why`() throws {
        #expect(
            OrderProgress.next(try order("pending"), [try authorization("invalid", error: "no such record")])
                == .failed(Problem(detail: "no such record")))
        #expect(
            OrderProgress.next(try order("invalid"), [try authorization("invalid", error: "no such record")])
                == .failed(Problem(detail: "no such record")))
        guard case .failed = OrderProgress.next(try order("valid"), []) else {
            Issue.record("a valid order without a certificate is no end")
            return
        }
        guard case .failed = OrderProgress.next(try order("pending"), [try authorization("expired")]) else {
            Issue.record("an expired authorization is no proof")
            return
        }
    }
}
