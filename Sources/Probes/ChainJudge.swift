import Certificates
import Foundation
import NIOSSL
import Planning
import SwiftASN1
// The one way to judge by a clock of ours: the library's other policies read the machine's.
@_spi(FixedExpiryValidationTime) import X509

/// Judges the chain of a policy host or a mail host as a sender does (RFC 8461 §3.3, §4.2, STS-19): names from the SAN only, dates, trust.
///
/// In a fixed order, so that one certificate always gives one reason: dates, names, trust.
struct ChainJudge: Sendable {
    let roots: TrustRoots
    /// The time by which certificates are judged.
    let now: @Sendable () -> Instant

    /// Why a chain is not accepted.
    struct Refusal: Error {
        let fault: MailHostVerdict.Fault
        /// Of which the host is the subject.
        let words: String

        init(_ fault: MailHostVerdict.Fault, _ words: String) {
            self.fault = fault
            self.words = words
        }
    }

    func judge(_ chain: [NIOSSLCertificate], host: String, record: FetchRecord) async -> NIOSSLVerificationResult {
        let (refusal, facts) = await judge(chain, host: host)
        if let refusal {
            record.refused(refusal.words, facts)
            return .failed
        }
        record.accepted(facts)
        return .certificateVerified
    }

    /// Why the chain is not accepted, if it is not, and what its first certificate says.
    func judge(_ chain: [NIOSSLCertificate], host: String) async -> (Refusal?, CertificateFacts?) {
        let certificates = chain.compactMap { try? Certificate(derEncoded: $0.toDERBytes()) }
        guard certificates.count == chain.count, let leaf = certificates.first else {
            return (Refusal(.trust, "its certificate can't be read"), nil)
        }
        let facts = try? CertificateReading.facts(leaf)
        return (await refusal(leaf, intermediates: certificates.dropFirst(), host: host, facts: facts), facts)
    }

    private func refusal(
        _ leaf: Certificate, intermediates: ArraySlice<Certificate>, host: String, facts: CertificateFacts?
    ) async -> Refusal? {
        guard let facts else { return Refusal(.names, "its certificate has a malformed subject alternative name") }
        let now = now()
        if facts.notAfter < now { return Refusal(.dates, "its certificate expired at \(facts.notAfter)") }
        if now < facts.notBefore {
            return Refusal(.dates, "its certificate is not valid before \(facts.notBefore)")
        }
        guard facts.names.contains(where: { Self.covers($0, host: host) }) else {
            let names = facts.names.prefix(5).map { Printable.line($0, limit: 253) }
            return Refusal(
                .names,
                "its certificate names \(names.isEmpty ? "no host at all" : names.joined(separator: ", ")), not \(host)"
            )
        }
        var verifier = Verifier(rootCertificates: await roots.store()) {
            RFC5280Policy(fixedExpiryValidationTime: Date(timeIntervalSince1970: TimeInterval(now.seconds)))
            ServerPurpose()
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(intermediates)) {
        case .validCertificate: return nil
        case .couldNotValidate:
            if let old = intermediates.first(where: { Instant($0.notValidAfter) < now }) {
                let name = Printable.line("\(old.subject)")
                return Refusal(
                    .dates, "its certificate leads over '\(name)', which expired at \(Instant(old.notValidAfter))")
            }
            return Refusal(
                .trust, "its certificate, by '\(Printable.line(facts.issuer))', leads to no CA that is trusted here")
        }
    }

    /// RFC 9525 §6.3: a wildcard stands for the whole left-most label, and only for one.
    static func covers(_ name: String, host: String) -> Bool {
        let name = name.lowercased()
        let host = host.lowercased()
        guard name.hasPrefix("*.") else { return name == host }
        guard let dot = host.firstIndex(of: ".") else { return false }
        return host[dot...] == name.dropFirst()
    }
}
