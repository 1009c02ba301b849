import Crypto
package import Findings
import Foundation

/// An ACME account's key: P-256, which every CA must know (ACME-4). Its PEM never leaves the key store.
package struct AccountKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A fresh key.
    package init() { key = P256.Signing.PrivateKey() }

    /// A key as ``pem`` wrote it.
    package init(pem: Redacted<String>) throws { key = try P256.Signing.PrivateKey(pemRepresentation: pem.reveal()) }

    /// PEM (PKCS #8), for the key store alone.
    package var pem: Redacted<String> { Redacted(key.pemRepresentation + "\n") }

    /// The public key as a JWK (RFC 7517), members in the order that RFC 7638 §3.3 hashes.
    var jwk: JWK {
        let point = key.publicKey.rawRepresentation
        return JWK(x: Base64URL.encode(point.prefix(32)), y: Base64URL.encode(point.suffix(32)))
    }

    /// The key authorisation of a challenge token (RFC 8555 §8.1).
    package func authorization(of token: String) -> String { "\(token).\(jwk.thumbprint)" }

    /// ES256: the raw 64 octets r and s, not DER (RFC 7518 §3.4).
    func signature(of input: String) throws -> [UInt8] {
        Array(try key.signature(for: Data(input.utf8)).rawRepresentation)
    }
}

/// An elliptic-curve public key (RFC 7518 §6.2).
struct JWK: Hashable, Sendable, Encodable {
    let crv = "P-256"
    let kty = "EC"
    let x: String
    let y: String

    private enum CodingKeys: String, CodingKey { case crv, kty, x, y }

    /// RFC 7638: SHA-256 over the required members, sorted, without blanks.
    var thumbprint: String {
        Base64URL.encode(SHA256.hash(data: Data(#"{"crv":"\#(crv)","kty":"\#(kty)","x":"\#(x)","y":"\#(y)"}"#.utf8)))
    }
}

/// What a dns-01 challenge wants in DNS (RFC 8555 §8.4).
package enum DNS01 {
    /// base64url of SHA-256 over the key authorisation: 43 characters.
    package static func value(of authorization: String) -> String {
        Base64URL.encode(SHA256.hash(data: Data(authorization.utf8)))
    }
}
