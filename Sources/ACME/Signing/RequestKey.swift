import Crypto
import CryptoExtras
import Findings
import Foundation

/// A key that signs requests: an account's, or a certificate's own for its revocation (RFC 8555 §7.6).
protocol RequestKey: Sendable {
    /// How it signs, as JWS names it (RFC 7518 §3.1).
    var algorithm: String { get }
    /// Its public part.
    var jwk: JWK { get }
    /// The signature as JWS wants it: of ECDSA the raw r and s, not DER (RFC 7518 §3.4).
    func signature(of input: String) throws -> [UInt8]
}

/// A public key (RFC 7517): the members that RFC 7638 hashes, and no other.
struct JWK: Hashable, Sendable, Encodable {
    private let members: [String: String]

    /// An elliptic-curve key (RFC 7518 §6.2); `point` is x and y, one after the other.
    init(curve: String, point: Data) {
        let half = point.count / 2
        members = [
            "kty": "EC", "crv": curve, "x": Base64URL.encode(point.prefix(half)),
            "y": Base64URL.encode(point.suffix(half)),
        ]
    }

    /// An RSA key (RFC 7518 §6.3).
    init(modulus: some Sequence<UInt8>, exponent: some Sequence<UInt8>) {
        members = ["kty": "RSA", "n": Base64URL.encode(modulus), "e": Base64URL.encode(exponent)]
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(members)
    }

    /// RFC 7638: SHA-256 over the required members, sorted, without blanks.
    var thumbprint: String {
        let text = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return Base64URL.encode(SHA256.hash(data: Data("{\(text)}".utf8)))
    }
}

/// A certificate's key as it signs a request.
struct CertificateSigner: RequestKey {
    private enum Key {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey, JWK)
    }
    private let key: Key

    /// From PEM (PKCS #8).
    init(pem: Redacted<String>) throws {
        let text = pem.reveal()
        if let p256 = try? P256.Signing.PrivateKey(pemRepresentation: text) {
            key = .p256(p256)
        } else if let p384 = try? P384.Signing.PrivateKey(pemRepresentation: text) {
            key = .p384(p384)
        } else {
            let rsa = try _RSA.Signing.PrivateKey(pemRepresentation: text)
            let numbers = try rsa.publicKey.getKeyPrimitives()
            key = .rsa(rsa, JWK(modulus: numbers.modulus, exponent: numbers.publicExponent))
        }
    }

    var algorithm: String {
        switch key {
        case .p256: "ES256"
        case .p384: "ES384"
        case .rsa: "RS256"
        }
    }

    var jwk: JWK {
        switch key {
        case .p256(let key): JWK(curve: "P-256", point: key.publicKey.rawRepresentation)
        case .p384(let key): JWK(curve: "P-384", point: key.publicKey.rawRepresentation)
        case .rsa(_, let jwk): jwk
        }
    }

    func signature(of input: String) throws -> [UInt8] {
        let data = Data(input.utf8)
        switch key {
        case .p256(let key): return Array(try key.signature(for: data).rawRepresentation)
        case .p384(let key): return Array(try key.signature(for: data).rawRepresentation)
        case .rsa(let key, _):
            return Array(
                try key.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }
}
