import Certificates
import Foundation
import NIOSSL
import Planning
import SwiftASN1
import Synchronization
import X509

/// What a handshake left behind: the peer's certificate and what we thought of it.
final class HandshakeRecord: Sendable {
    enum Verdict: Sendable {
        case accepted
        case refused(String)
        case ranOut
    }
    private struct State {
        var verdict: Verdict?
        var facts: CertificateFacts?
    }
    private let state = Mutex(State())

    var verdict: Verdict? { state.withLock(\.verdict) }
    var facts: CertificateFacts? { state.withLock(\.facts) }

    func note(_ verdict: Verdict, _ facts: CertificateFacts?) {
        state.withLock {
            $0.verdict = verdict
            $0.facts = facts
        }
    }

    func ranOut() {
        state.withLock { state in
            if case .refused? = state.verdict { return }
            state.verdict = .ranOut
        }
    }
}

/// Judges a policy host's chain as a sender does (RFC 8461 §3.3, STS-19): names from the SAN only, dates, trust.
///
/// In a fixed order, so that one certificate always gives one reason: dates, names, trust.
struct ChainJudge: Sendable {
    let roots: TrustRoots

    func judge(_ chain: [NIOSSLCertificate], host: String, record: HandshakeRecord) async -> NIOSSLVerificationResult {
        let certificates = chain.compactMap { try? Certificate(derEncoded: $0.toDERBytes()) }
        guard certificates.count == chain.count, let leaf = certificates.first else {
            record.note(.refused("its certificate can't be read"), nil)
            return .failed
        }
        let facts = try? CertificateReading.facts(leaf)
        if let reason = await refusal(leaf, intermediates: certificates.dropFirst(), host: host, facts: facts) {
            record.note(.refused(reason), facts)
            return .failed
        }
        record.note(.accepted, facts)
        return .certificateVerified
    }

    private func refusal(
        _ leaf: Certificate, intermediates: ArraySlice<Certificate>, host: String, facts: CertificateFacts?
    ) async -> String? {
        guard let facts else { return "its certificate has a malformed subject alternative name" }
        let now = Instant(Date())
        if facts.notAfter < now { return "its certificate expired at \(facts.notAfter)" }
        if now < facts.notBefore { return "its certificate is not valid before \(facts.notBefore)" }
        guard facts.names.contains(where: { Self.covers($0, host: host) }) else {
            let names = facts.names.isEmpty ? "no name at all" : facts.names.prefix(5).joined(separator: ", ")
            return "its certificate names \(names), not \(host)"
        }
        // The names were judged above; this policy also declares that a critical SAN (empty subject) is understood.
        var verifier = Verifier(rootCertificates: await roots.store()) {
            RFC5280Policy()
            ServerIdentityPolicy(serverHostname: host, serverIP: nil)
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(intermediates)) {
        case .validCertificate: return nil
        case .couldNotValidate:
            return "its certificate, by '\(facts.issuer)', leads to no CA that is trusted here"
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
