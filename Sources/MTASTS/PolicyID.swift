import DNS

/// The `id` of an MTA-STS record: 1 to 32 letters and digits; only equality counts (RFC 8461 §3.1).
package struct PolicyID: Hashable, Sendable {
    /// The id as it stands in DNS; `a` and `A` are different ids.
    package let text: String

    /// `nil` outside the grammar (STS-3).
    package init?(_ text: String) {
        guard (1...32).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) })
        else { return nil }
        self.text = text
    }

    /// The largest counter of an id of ours: more digits than its 15 don't fit 32 characters beside the digest.
    package static let largestCounter = 999_999_999_999_999

    private init(made text: String) { self.text = text }

    /// Our own ids: `<n>x<16 hex digits>`, the digits being the first eight octets of `digest`.
    package static func make(counter: Int, digest: [UInt8]) -> PolicyID {
        return PolicyID(made: "\(max(0, min(counter, largestCounter)))x" + Octets.hex(digest.prefix(8)))
    }

    /// The counter of an id of our own form; `nil` for others'.
    package var counter: Int? {
        let parts = text.split(separator: "x", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 16, (1...15).contains(parts[0].utf8.count),
            parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return Int(parts[0])
    }
}

extension PolicyID: CustomStringConvertible, Codable {
    /// The id.
    package var description: String { text }

    /// As its text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// From its text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = PolicyID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no policy id")
        }
        self = id
    }
}
