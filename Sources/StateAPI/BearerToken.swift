package import Findings
import Planning

/// A token of the state API as its bearer holds it: `certadns_<id>_<secret>`, of which the store keeps the secret's digest alone.
package struct BearerToken: Sendable {
    /// The public part: eight hexadecimal digits.
    package let id: String
    /// 256 random bits, as hexadecimal digits.
    package let secret: Redacted<String>

    private static let prefix = "certadns"

    /// A new token from a source of random numbers.
    package static func make(random: () -> UInt64) -> BearerToken {
        let secret = (0..<4).map { _ in hex(random(), digits: 16) }.joined()
        return BearerToken(id: hex(random() & 0xffff_ffff, digits: 8), secret: Redacted(secret))
    }

    /// Reads what a person or a job was given; `nil` where that is no token.
    package init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == Self.prefix, Self.isHex(parts[1], 8), Self.isHex(parts[2], 64) else {
            return nil
        }
        self.init(id: parts[1], secret: Redacted(parts[2]))
    }

    private init(id: String, secret: Redacted<String>) {
        self.id = id
        self.secret = secret
    }

    /// The whole token: shown once, when it is made, and sent with each request.
    package var text: Redacted<String> { Redacted("\(Self.prefix)_\(id)_\(secret.reveal())") }

    /// What is kept of the secret.
    package var digest: String { Digest.hex(secret.reveal()) }

    /// Whether it is the token that was kept, in a time that does not tell how much of it is right.
    package func matches(_ digest: String) -> Bool {
        let (mine, kept) = (Array(self.digest.utf8), Array(digest.utf8))
        guard mine.count == kept.count else { return false }
        return zip(mine, kept).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func isHex(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
