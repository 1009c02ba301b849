package import DNS

/// One `mx` entry of a policy: an exact host, or a wildcard for one label (RFC 8461 §3.2, §4.1).
package struct MXPattern: Hashable, Sendable {
    /// The host, or what follows `*.`.
    package let base: DomainName
    /// Whether any one label may stand before ``base``.
    package let isWildcard: Bool

    /// The pattern of exactly one host.
    package init(exactly host: DomainName) {
        base = host
        isWildcard = false
    }

    /// RFC 8461 §3.2: an RFC 5321 Domain, or `*.` before one; A-labels, no final dot (STS-16).
    package init(parsing text: String) throws(MXPatternError) {
        isWildcard = text.hasPrefix("*.")
        let host = isWildcard ? String(text.dropFirst(2)) : text
        guard !host.contains("*") else { throw .misplacedWildcard(text) }
        guard !host.hasSuffix("."), !host.isEmpty,
            host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isLabel),
            let name = try? DomainName(host)
        else { throw .notAHost(text) }
        base = name
    }

    /// RFC 5321 §4.1.2 sub-domain: letters, digits and inner hyphens.
    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
        return label.utf8.allSatisfy { octet in
            switch octet {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d: true
            default: false
            }
        }
    }

    /// Whether a sender may deliver to `host`, the name in the MX record (RFC 8461 §4.1; STS-27, STS-28).
    ///
    /// A wildcard covers neither its own base nor two labels.
    package func matches(_ host: DomainName) -> Bool {
        // A literal `*` in DNS is no host; everything else that DNS may serve is compared label by label.
        guard !host.labels.contains(where: { $0.contains(UInt8(ascii: "*")) }) else { return false }
        return isWildcard ? host.parent == base : host == base
    }
}

extension MXPattern: CustomStringConvertible, Comparable, Codable {
    /// As the policy file writes it.
    package var description: String { isWildcard ? "*.\(base)" : "\(base)" }

    /// By name in canonical order, the exact host before the wildcard.
    package static func < (a: MXPattern, b: MXPattern) -> Bool {
        a.base != b.base ? a.base < b.base : !a.isWildcard && b.isWildcard
    }

    /// As its text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// From its text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { try self.init(parsing: try container.decode(String.self)) } catch let error as MXPatternError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }
}

/// What is wrong with a pattern.
package enum MXPatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An asterisk that is not the whole first label.
    case misplacedWildcard(String)
    /// Not an RFC 5321 domain in A-labels.
    case notAHost(String)

    /// For people.
    package var description: String {
        switch self {
        case .misplacedWildcard(let text):
            "'\(text)' has a wildcard that is not the whole first label ('*.example.net')"
        case .notAHost(let text): "'\(text)' is no host name (letters, digits, hyphens; no final dot)"
        }
    }
}
