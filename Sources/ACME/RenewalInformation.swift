import Foundation
package import Planning
import SwiftASN1
import X509

extension RenewalAdvice {
    private struct Wire: Decodable {
        struct Window: Decodable {
            var start: String
            var end: String
        }
        var suggestedWindow: Window
        var explanationURL: String?
    }

    /// A CA's answer (RFC 9773 §4.2). An end before its start is no answer (ACME-21).
    init(_ answer: ACMEAnswer, retryAfter: Int?) throws(ACMEError) {
        let wire = try answer.decode(Wire.self)
        guard let start = Instant(rfc3339: wire.suggestedWindow.start),
            let end = Instant(rfc3339: wire.suggestedWindow.end), start < end
        else { throw .malformed(url: answer.url, "its window does not begin before it ends") }
        // At least a minute, at most a day (RFC 9773 §4.3).
        self.init(
            start: start, end: end, explanation: wire.explanationURL.map { String($0.prefix(500)) },
            again: min(max(retryAfter ?? 21_600, 60), 86_400))
    }
}

/// How a certificate is named in ARI: its issuer's key and its serial (RFC 9773 §4.1).
package enum RenewalID {
    /// `nil` where the certificate does not name its issuer's key.
    package static func of(pem: String) throws(ACMEError) -> String? {
        do {
            guard let document = try PEMDocument.parseMultiple(pemString: pem).first else { return nil }
            let leaf = try Certificate(pemDocument: document)
            guard let key = try leaf.extensions.authorityKeyIdentifier?.keyIdentifier else { return nil }
            // As DER has it: a first octet above 0x7f would be a sign, so a zero stands before it, and is part of the name (ACME-20).
            let serial = leaf.serialNumber.bytes
            let isHigh = serial.first.map { $0 >= 0x80 } ?? true
            return "\(Base64URL.encode(key)).\(Base64URL.encode((isHigh ? [0] : []) + serial))"
        } catch {
            throw .wrongCertificate("the chain that is held can't be read (\(error))")
        }
    }
}

extension ACMESession {
    /// Asks when the certificate named `id` shall be renewed; `nil` where the CA does not say such things.
    package func renewalInformation(_ id: String) async throws(ACMEError) -> RenewalAdvice? {
        guard let base = try await directory().renewalInfo else { return nil }
        let answer = try await get(base.hasSuffix("/") ? base + id : "\(base)/\(id)")
        return try RenewalAdvice(answer, retryAfter: retryAfter(answer))
    }
}

extension Instant {
    /// RFC 3339 with fractions and any offset, as CAs write it.
    fileprivate init?(rfc3339 text: String) {
        if let instant = Instant(text) {
            self = instant
            return
        }
        guard let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) else {
            return nil
        }
        self.init(date)
    }
}
