import Crypto
import CryptoExtras
import Findings
import Foundation
import SwiftASN1
import X509

/// The kinds of key that a policy host may show.
package enum KeyType: String, Hashable, Sendable, CaseIterable {
    /// ECDSA on P-256: small and fast, known everywhere.
    case p256
    /// ECDSA on P-384.
    case p384
    /// RSA of 2048 bits, for peers that know nothing else.
    case rsa2048
}

/// A certificate's key, made afresh for each order unless the configuration keeps it.
struct CertificateKey {
    let pem: Redacted<String>
    private let key: Certificate.PrivateKey

    init(_ type: KeyType) throws {
        switch type {
        case .p256:
            let fresh = P256.Signing.PrivateKey()
            pem = Redacted(fresh.pemRepresentation + "\n")
            key = Certificate.PrivateKey(fresh)
        case .p384:
            let fresh = P384.Signing.PrivateKey()
            pem = Redacted(fresh.pemRepresentation + "\n")
            key = Certificate.PrivateKey(fresh)
        case .rsa2048:
            let fresh = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            pem = Redacted(fresh.pkcs8PEMRepresentation + "\n")
            key = Certificate.PrivateKey(fresh)
        }
    }

    /// A key as ``pem`` wrote it.
    init(pem: Redacted<String>) throws {
        self.pem = pem
        key = try Certificate.PrivateKey(pemEncoded: pem.reveal())
    }

    /// The same; `nil` where it is of another type.
    init?(pem: Redacted<String>, of type: KeyType) throws {
        try self.init(pem: pem)
        let isOfType =
            switch type {
            case .p256: P256.Signing.PublicKey(publicKey) != nil
            case .p384: P384.Signing.PublicKey(publicKey) != nil
            case .rsa2048: _RSA.Signing.PublicKey(publicKey)?.keySizeInBits == 2_048
            }
        guard isOfType else { return nil }
    }

    var publicKey: Certificate.PublicKey { key.publicKey }

    /// The request (RFC 2986), names in the SAN alone: a common name is no help to anybody (ACME-12).
    func request(for names: [String]) throws -> [UInt8] {
        let extensions = try Certificate.Extensions {
            SubjectAlternativeNames(names.map { GeneralName.dnsName($0) })
        }
        let request = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName(), privateKey: key,
            attributes: CertificateSigningRequest.Attributes([.init(ExtensionRequest(extensions: extensions))]))
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        return serializer.serializedBytes
    }
}
