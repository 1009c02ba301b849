import Crypto
import DNS
package import Findings
import Foundation

/// A secret that key files are sealed under, with the id by which files and messages name it.
package struct SealKey: Sendable {
    /// Twelve hexadecimal digits: tells one secret from another and says nothing of it.
    package let id: String
    private let material: Redacted<[UInt8]>

    /// The least that a secret must hold, in octets.
    package static let least = 32
    /// How many of them must differ: of 32 drawn at random, fewer than 16 do so less than once in 10^9 draws.
    private static let leastDistinct = 16

    /// A secret as `openssl rand -base64 32` prints it. Words that a person made up are refused: whoever gets hold of a sealed
    /// file may guess as often as they like.
    package init(_ secret: Redacted<String>, from place: String) throws(SealError) {
        guard let octets = Data(base64Encoded: secret.reveal()) else { throw .weakSecret(place, "it is not base64") }
        guard octets.count >= Self.least else {
            throw .weakSecret(place, "it holds \(octets.count) octets, and \(Self.least) are needed")
        }
        guard Set(octets).count >= Self.leastDistinct else {
            throw .weakSecret(place, "it is no random text: few of its octets differ")
        }
        material = Redacted(Array(octets))
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: octets), info: Data("certadns seal id".utf8), outputByteCount: 6)
        id = Octets.hex(name.withUnsafeBytes { Array($0) })
    }

    /// The key of one file: another salt, another cipher, another key.
    func derive(salt: [UInt8], for cipher: Cipher) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: material.reveal()), salt: salt,
            info: Data("certadns seal 1 \(cipher.rawValue)".utf8), outputByteCount: 32)
    }
}

/// How files are sealed.
package enum Cipher: String, Hashable, Sendable, CaseIterable, Codable {
    /// Fast everywhere.
    case chacha20Poly1305 = "chacha20-poly1305"
    /// For those whose rules ask for it.
    case aes256GCM = "aes-256-gcm"

    func seal(_ plain: [UInt8], under key: SymmetricKey, with known: [UInt8]) throws -> Data? {
        switch self {
        case .chacha20Poly1305: try ChaChaPoly.seal(plain, using: key, authenticating: known).combined
        case .aes256GCM: try AES.GCM.seal(plain, using: key, authenticating: known).combined
        }
    }

    func open(_ box: Data, under key: SymmetricKey, with known: [UInt8]) throws -> Data {
        switch self {
        case .chacha20Poly1305:
            try ChaChaPoly.open(ChaChaPoly.SealedBox(combined: box), using: key, authenticating: known)
        case .aes256GCM: try AES.GCM.open(AES.GCM.SealedBox(combined: box), using: key, authenticating: known)
        }
    }
}
