import Crypto
package import Findings
import Foundation

/// An ACME account's key: P-256, which every CA must know (ACME-4). Its PEM never leaves the key store.
package struct AccountKey: RequestKey {
    private let key: P256.Signing.PrivateKey

    /// A fresh key.
    package init() { key = P256.Signing.PrivateKey() }

    /// A key as ``pem`` wrote it.
    package init(pem: Redacted<String>) throws { key = try P256.Signing.PrivateKey(pemRepresentation: pem.reveal()) }

    /// PEM (PKCS #8), for the key store alone.
    package var pem: Redacted<String> { Redacted(key.pemRepresentation + "\n") }

    var jwk: JWK { JWK(curve: "P-256", point: key.publicKey.rawRepresentation) }

    var algorithm: String { "ES256" }

    /// How a person tells one key from another (RFC 7638).
    package var thumbprint: String { jwk.thumbprint }

    /// The key authorisation of a challenge token (RFC 8555 §8.1).
    package func authorization(of token: String) -> String { "\(token).\(jwk.thumbprint)" }

    func signature(of input: String) throws -> [UInt8] {
        Array(try key.signature(for: Data(input.utf8)).rawRepresentation)
    }
}

/// What a dns-01 challenge wants in DNS (RFC 8555 §8.4).
package enum DNS01 {
    /// base64url of SHA-256 over the key authorisation: 43 characters.
    package static func value(of authorization: String) -> String {
        Base64URL.encode(SHA256.hash(data: Data(authorization.utf8)))
    }
}
