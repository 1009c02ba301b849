import Crypto
package import Findings
import Foundation

/// A flattened JWS with one signature and no unprotected header: the body of every ACME POST (RFC 8555 §6.2).
struct SignedRequest: Encodable {
    let protected: String
    let payload: String
    let signature: String

    /// Who signs, as the CA shall find the key.
    enum Signer: Hashable, Sendable {
        /// By the key itself: newAccount, and revocation by a certificate's key.
        case key
        /// By the account's URL: everything else.
        case account(String)
    }

    private struct Header: Encodable {
        var alg: String
        var jwk: JWK?
        var kid: String?
        var nonce: String?
        var url: String
    }

    /// Signs `payload`; `nil` makes a POST-as-GET (RFC 8555 §6.3). The inner JWS of a key change has no nonce (§7.3.5).
    init(_ payload: (any Encodable)?, to url: String, nonce: String?, by key: any RequestKey, as signer: Signer) throws
    {
        var header = Header(alg: key.algorithm, nonce: nonce, url: url)
        switch signer {
        case .key: header.jwk = key.jwk
        case .account(let kid): header.kid = kid
        }
        protected = try Self.part(header)
        self.payload = try payload.map { try Self.part($0) } ?? ""
        signature = Base64URL.encode(try key.signature(of: "\(protected).\(self.payload)"))
    }

    /// Binds an account to one that the CA's operator knows already (RFC 8555 §7.3.4).
    init(binding key: AccountKey, to external: ExternalAccount, url: String) throws {
        protected = try Self.part(Header(alg: "HS256", kid: external.kid, url: url))
        payload = try Self.part(key.jwk)
        let mac = HMAC<SHA256>.authenticationCode(
            for: Data("\(protected).\(payload)".utf8), using: SymmetricKey(data: external.macKey.reveal()))
        signature = Base64URL.encode(mac)
    }

    var body: Data { get throws { try Self.encoder.encode(self) } }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    private static func part(_ value: any Encodable) throws -> String { Base64URL.encode(try encoder.encode(value)) }
}

/// What a CA's operator hands out to those who have a contract with it.
package struct ExternalAccount: Sendable {
    /// The CA's name for the contract.
    package let kid: String
    /// The MAC key, decoded.
    package let macKey: Redacted<[UInt8]>

    /// From what the CA's page shows; `nil` where the key is no base64url of at least 16 octets.
    package init?(kid: String, encodedKey: Redacted<String>) {
        let text = encodedKey.reveal().trimmingCharacters(in: .whitespacesAndNewlines)
        guard let octets = Base64URL.decode(text), octets.count >= 16 else { return nil }
        self.kid = kid
        macKey = Redacted(octets)
    }
}
