import Certificates
import Crypto
import DNS
import Findings
import Foundation
package import Planning
package import Ports
package import Sealing
import SwiftASN1
import X509

/// A private CA in the state folder: the embedded default issuer, for labs and first steps.
///
/// Senders outside do not trust it; a zone certified by it is at best `ready (lab)`.
package struct LocalAuthority: CertificateIssuer {
    package let name = "local"
    private let folder: String
    private let root: Certificate
    private let rootKey: P256.Signing.PrivateKey
    /// Seconds for which a leaf is valid.
    private let lifetime: Int

    /// The root as PEM, for those who shall trust it.
    package let rootPEM: String

    /// Opens the CA of `folder`, making it on first use. `now` dates a new root; its key lies under `seal`.
    package init(
        folder: String, now: Instant, seal: Seal = .none, lifetime: Int = 90 * 86_400
    ) throws(Failure) {
        self.folder = folder
        self.lifetime = lifetime
        do {
            let files = AuthorityFiles(folder: folder, seal: seal)
            let pair = try files.load() ?? files.create(now: now)
            root = pair.root
            rootKey = pair.key
            rootPEM = try root.serializeAsPEM().pemString + "\n"
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .storage,
                "the local CA in '\(folder)' can't be used: \(error); remove ca.pem and ca.key to make a new one")
        }
    }

    package func issue(
        _ request: CertificateRequest, at desk: IssuanceDesk
    ) async throws(Failure) -> CertificateMaterial {
        guard let host = request.names.first else {
            throw Failure(.rejected, "the local CA was asked to certify no name; plan again")
        }
        guard Instant(root.notValidAfter) > request.now else {
            throw Failure(
                .configuration,
                "the local CA in '\(folder)' ended at \(Instant(root.notValidAfter)); remove ca.pem and ca.key to make a new one, and let it be trusted"
            )
        }
        do {
            let key = P256.Signing.PrivateKey()
            let leaf = try makeLeaf(request, key: key)
            let facts = try CertificateReading.facts(leaf, issuer: name)
            let chain = try leaf.serializeAsPEM().pemString + "\n" + rootPEM
            if let defect = ServerChain.defect(pem: chain, host: host.lowercased.description, now: request.now) {
                throw Failure(.rejected, "the local CA issued for \(host) what no sender would accept: \(defect)")
            }
            return CertificateMaterial(chain: chain, key: Redacted(key.pemRepresentation + "\n"), facts: facts)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.rejected, "the local CA could not issue for \(host): \(error)")
        }
    }

    private func makeLeaf(_ request: CertificateRequest, key: P256.Signing.PrivateKey) throws -> Certificate {
        let publicKey = Certificate.PublicKey(key.publicKey)
        let names = request.names.map { GeneralName.dnsName($0.lowercased.description) }
        // An hour back, for peers whose clocks run late.
        let notBefore = request.now + -3_600
        // Nobody accepts a leaf for longer than its root.
        let notAfter = min(request.now + lifetime, Instant(root.notValidAfter))
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: Date(timeIntervalSince1970: TimeInterval(notBefore.seconds)),
            notValidAfter: Date(timeIntervalSince1970: TimeInterval(notAfter.seconds)),
            issuer: root.subject, subject: DistinguishedName(), signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                // RFC 5280 §4.1.2.6: with an empty subject the names are critical.
                Critical(SubjectAlternativeNames(names))
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PublicKey(rootKey.publicKey)).keyIdentifier)
            }, issuerPrivateKey: .init(rootKey))
    }
}
