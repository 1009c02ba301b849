import Crypto

/// A shared secret for signing messages (RFC 8945). Never prints its secret.
package struct TSIGKey: Sendable {
    /// The key's name as both sides know it.
    package let name: DomainName
    /// How it signs.
    package let algorithm: Algorithm
    private let secret: SymmetricKey

    /// A key from its raw octets.
    package init(name: DomainName, algorithm: Algorithm, secret: [UInt8]) {
        self.name = name
        self.algorithm = algorithm
        self.secret = SymmetricKey(data: secret)
    }

    /// RFC 8945 §6; the old MD5 and SHA-1 are not offered.
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case hmacSHA256 = "hmac-sha256"
        case hmacSHA512 = "hmac-sha512"

        var wireName: [UInt8] { [UInt8(rawValue.utf8.count)] + Array(rawValue.utf8) + [0] }
    }

    func mac(over octets: [UInt8]) -> [UInt8] {
        switch algorithm {
        case .hmacSHA256: Array(HMAC<SHA256>.authenticationCode(for: octets, using: secret))
        case .hmacSHA512: Array(HMAC<SHA512>.authenticationCode(for: octets, using: secret))
        }
    }

    /// Compares in constant time.
    func isMAC(_ mac: [UInt8], over octets: [UInt8]) -> Bool {
        switch algorithm {
        case .hmacSHA256: HMAC<SHA256>.isValidAuthenticationCode(mac, authenticating: octets, using: secret)
        case .hmacSHA512: HMAC<SHA512>.isValidAuthenticationCode(mac, authenticating: octets, using: secret)
        }
    }
}

extension TSIGKey: CustomStringConvertible, CustomReflectable {
    /// Name and algorithm.
    package var description: String { "TSIG key \(name) (\(algorithm.rawValue))" }
    /// Nothing of the secret.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Signs and verifies messages (RFC 8945 §4, §5).
package enum TSIG {
    /// How far two clocks may differ, in seconds (§10 recommends 300).
    package static let fudge: UInt16 = 300

    /// The message with its signature, and the MAC that its answer is digested with.
    package static func sign(_ message: [UInt8], key: TSIGKey, time: UInt64) throws(TSIGError) -> (
        octets: [UInt8], mac: [UInt8]
    ) {
        guard message.count >= 12 else { throw .malformed }
        let mac = key.mac(over: message + variables(key: key, time: time, fudge: fudge, error: 0, other: []))
        var signed = message
        let count = (UInt16(signed[10]) << 8 | UInt16(signed[11])) &+ 1
        signed[10] = UInt8(count >> 8)
        signed[11] = UInt8(count & 255)
        signed += key.name.canonicalWire + [0, 250, 0, 255, 0, 0, 0, 0]
        let data =
            key.algorithm.wireName + timeOctets(time) + octets(fudge) + octets(UInt16(mac.count)) + mac
            + Array(message[0..<2]) + [0, 0, 0, 0]
        return (signed + octets(UInt16(data.count)) + data, mac)
    }

    static func variables(key: TSIGKey, time: UInt64, fudge: UInt16, error: UInt16, other: [UInt8]) -> [UInt8] {
        key.name.canonicalWire + [0, 255, 0, 0, 0, 0] + key.algorithm.wireName + timers(time: time, fudge: fudge)
            + octets(error) + octets(UInt16(truncatingIfNeeded: other.count)) + other
    }

    static func timers(time: UInt64, fudge: UInt16) -> [UInt8] { timeOctets(time) + octets(fudge) }

    static func octets(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

    private static func timeOctets(_ time: UInt64) -> [UInt8] {
        stride(from: 40, through: 0, by: -8).map { UInt8(time >> UInt64($0) & 255) }
    }
}

/// Why a message's signature does not count.
package enum TSIGError: Error, Hashable, Sendable {
    /// Not a message, or a TSIG record that is broken or not the last.
    case malformed
    /// The answer carries no signature, so it proves nothing.
    case unsigned
    /// The server does not know the key or its algorithm (error 17).
    case badKey
    /// The signature does not fit: a wrong secret (error 16, or our own verdict).
    case badSignature
    /// The clocks differ too much (error 18); the server's time where it told it, Unix seconds.
    case badTime(server: UInt64?, ours: UInt64)
    /// The signature is shorter than allowed (error 22).
    case truncated
    /// Signed with another key than asked.
    case otherKey(String)
    /// More than 99 messages in a row, or the last, came unsigned (§5.3.1).
    case unsignedTransfer
}

extension TSIGError: CustomStringConvertible {
    /// What happened and what to look at.
    package var description: String {
        switch self {
        case .malformed: "the answer's TSIG record is malformed"
        case .unsigned: "the answer is not signed, so it can't be trusted; is the key known to the server?"
        case .badKey: "the server does not know the TSIG key (BADKEY): compare name and algorithm on both sides"
        case .badSignature: "the TSIG signature does not fit (BADSIG): compare the secrets on both sides"
        case .badTime(let server, let ours):
            if let server {
                "the clocks differ by \(server > ours ? server - ours : ours - server) seconds (BADTIME): set one of them"
            } else {
                "the clocks differ too much (BADTIME): set one of them"
            }
        case .truncated: "the TSIG signature is shorter than allowed (BADTRUNC)"
        case .otherKey(let name): "the answer is signed with another key, \(name)"
        case .unsignedTransfer: "the transfer is not signed to its end, so all of it is thrown away"
        }
    }
}
