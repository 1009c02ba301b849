import Certificates
import Foundation
import Planning
import SwiftASN1
import X509

/// A downloaded chain, leaf first.
struct IssuedChain {
    let pem: String
    private let certificates: [Certificate]

    init(pem: String) throws(ACMEError) {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: pem)
            certificates = try documents.map { try Certificate(pemDocument: $0) }
            self.pem = documents.map { $0.pemString + "\n" }.joined()
        } catch {
            throw .wrongCertificate("the chain can't be read (\(error))")
        }
        if certificates.isEmpty { throw .wrongCertificate("the chain is empty") }
    }

    var leaf: Certificate { certificates[0] }

    /// Whether it ends below or in a root with this common name.
    func leads(to root: String) -> Bool {
        guard let last = certificates.last else { return false }
        return [last.issuer, last.subject].contains { name in
            name.contains { part in
                part.contains { $0.type == .NameAttributes.commonName && "\($0.value)" == root }
            }
        }
    }

    /// The common name of the last certificate's issuer: the root that the chain leads to.
    var root: String? {
        certificates.last?.issuer.lazy.flatMap { $0 }.first { $0.type == .NameAttributes.commonName }.map {
            Problem.plain("\($0.value)")
        }
    }

    /// Of several chains the one under the wanted root, else the one that the CA offers first (RFC 8555 §7.4.2).
    static func choose(_ chains: [IssuedChain], preferring root: String?) -> IssuedChain? {
        root.flatMap { root in chains.first { $0.leads(to: root) } } ?? chains.first
    }

    /// What plans may know of the leaf.
    func facts(issuer: String) throws(ACMEError) -> CertificateFacts {
        do { return try CertificateReading.facts(leaf, issuer: issuer) } catch {
            throw .wrongCertificate("its facts can't be read (\(error))")
        }
    }

    /// What was ordered, and nothing else (ACME-12): this key, these names, and a chain that senders' TLS accepts.
    func check(key: CertificateKey, names: [String], now: Instant) throws(ACMEError) {
        guard leaf.publicKey == key.publicKey else { throw .wrongCertificate("it is for another key") }
        let found: [String]
        do {
            found =
                try leaf.extensions.subjectAlternativeNames?.compactMap { name in
                    if case .dnsName(let text) = name { text.lowercased() } else { nil }
                } ?? []
        } catch {
            throw .wrongCertificate("its names can't be read (\(error))")
        }
        guard Set(found) == Set(names.map { $0.lowercased() }) else {
            throw .wrongCertificate("it names \(found.joined(separator: ", ")), not \(names.joined(separator: ", "))")
        }
        // Our clock may run a little late, and the run began before the certificate did.
        let begins = Instant(leaf.notValidBefore)
        let now = begins > now && begins - now < 3_600 ? begins : now
        for name in names {
            if let defect = ServerChain.defect(pem: pem, host: name, now: now) { throw .wrongCertificate(defect) }
        }
    }
}
