import Findings
import Foundation
import Planning
package import Ports
import SwiftASN1

/// Why a certificate is revoked: the reasons of RFC 5280 §5.3.1 that a certificate's holder may give.
package enum RevocationReason: String, Hashable, Sendable, CaseIterable {
    case unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation

    /// The number that stands for it.
    var code: Int {
        switch self {
        case .unspecified: 0
        case .keyCompromise: 1
        case .affiliationChanged: 3
        case .superseded: 4
        case .cessationOfOperation: 5
        }
    }
}

/// Who signed a revocation.
package enum RevocationSigner: Hashable, Sendable { case account, certificateKey }

/// What the CA said to a revocation.
package struct RevocationAnswer: Hashable, Sendable {
    /// Whose word the CA took.
    package let signer: RevocationSigner
    /// Whether the certificate was revoked already: then the CA keeps the reason of the first time.
    package let wasRevoked: Bool
}

extension ACMEIssuer {
    /// Revokes the leaf of `material` (RFC 8555 §7.6): by the account, or by the certificate's own key where the CA does not take the
    /// account's word, as after another account was made. One that is revoked already counts as done,
    /// and the answer says so.
    package func revoke(
        _ material: CertificateMaterial, reason: RevocationReason?
    ) async throws(Failure) -> RevocationAnswer {
        let (der, key) = try Self.leaf(of: material)
        let account = try await ACMEAccounts(session: session, store: accounts, directory: options.directory).known()
        do throws(ACMEError) {
            if let account {
                do throws(ACMEError) {
                    let wasRevoked = try await session.revoke(
                        der: der, reason: reason, by: account.key, as: .account(account.url))
                    return RevocationAnswer(signer: .account, wasRevoked: wasRevoked)
                } catch {
                    guard error.isOfAnotherAccount else { throw error }
                }
            }
            let wasRevoked = try await session.revoke(der: der, reason: reason, by: key, as: .key)
            return RevocationAnswer(signer: .certificateKey, wasRevoked: wasRevoked)
        } catch {
            throw error.failure
        }
    }

    /// The leaf, and the key that signs for it.
    static func leaf(of material: CertificateMaterial) throws(Failure) -> (der: [UInt8], key: CertificateSigner) {
        do {
            guard let leaf = try PEMDocument.parseMultiple(pemString: material.chain).first else {
                throw ACMEError.wrongCertificate("the chain is empty")
            }
            return (leaf.derBytes, try CertificateSigner(pem: material.key))
        } catch {
            throw Failure(
                .storage,
                "the certificate held for \(material.facts.names.first ?? "the zone"), or its key, can't be read; restore the state folder from a backup, then revoke it again"
            )
        }
    }
}

extension ACMESession {
    private struct Revocation: Encodable, Sendable {
        var certificate: String
        var reason: Int?
    }

    /// Whether it was revoked already.
    fileprivate func revoke(
        der: [UInt8], reason: RevocationReason?, by key: any RequestKey, as signer: SignedRequest.Signer
    ) async throws(ACMEError) -> Bool {
        let request = Revocation(certificate: Base64URL.encode(der), reason: reason?.code)
        do throws(ACMEError) {
            _ = try await post(try await directory().revokeCert, request, by: key, as: signer)
            return false
        } catch {
            guard case .refused(let problem, _, _) = error, problem.kind == .alreadyRevoked else { throw error }
            return true
        }
    }
}

extension ACMEError {
    /// Whether the CA says that this is not ours to ask for under the account that asked.
    var isOfAnotherAccount: Bool {
        guard case .refused(let problem, _, _) = self else { return false }
        return problem.kind == .unauthorized || problem.kind == .accountDoesNotExist
    }
}
