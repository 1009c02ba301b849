/// An IPv4 address.
package struct IPv4Address: Hashable, Sendable {
    /// Four octets in network order.
    package let octets: [UInt8]

    /// An address by its octets; `nil` unless there are four.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 4 else { return nil }
        self.octets = Array(octets)
    }

    /// Dotted decimal, four parts, no leading zeros.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || !part.hasPrefix("0"), let octet = UInt8(part)
            else { return nil }
            octets.append(octet)
        }
        self.octets = octets
    }
}

extension IPv4Address: CustomStringConvertible {
    /// Dotted decimal.
    package var description: String { octets.map { "\($0)" }.joined(separator: ".") }
}

/// An IPv6 address.
package struct IPv6Address: Hashable, Sendable {
    /// Sixteen octets in network order.
    package let octets: [UInt8]

    /// An address by its octets; `nil` unless there are sixteen.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        self.octets = Array(octets)
    }

    /// RFC 4291 §2.2, all three forms; no zone index.
    package init?(_ text: String) {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        var head: [UInt16] = []
        var tail: [UInt16] = []
        let halves = text.components(of: "::")
        guard halves.count <= 2 else { return nil }
        guard Self.read(halves[0], into: &head, mayEndInIPv4: halves.count == 1) else { return nil }
        if halves.count == 2 {
            guard Self.read(halves[1], into: &tail, mayEndInIPv4: true), head.count + tail.count < 8 else { return nil }
        } else if head.count != 8 {
            return nil
        }
        let groups = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        octets = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }

    private static func read(_ half: Substring, into groups: inout [UInt16], mayEndInIPv4: Bool) -> Bool {
        if half.isEmpty { return true }
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let v4 = IPv4Address(String(part)) {
                groups.append(UInt16(v4.octets[0]) << 8 | UInt16(v4.octets[1]))
                groups.append(UInt16(v4.octets[2]) << 8 | UInt16(v4.octets[3]))
                continue
            }
            guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
                let group = UInt16(part, radix: 16)
            else { return false }
            groups.append(group)
        }
        return groups.count <= 8
    }
}

extension IPv6Address: CustomStringConvertible {
    /// RFC 5952: lower case, the first longest run of two zero groups or more as `::`.
    package var description: String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > best.count, end - start > 1 { best = start..<end }
            start = max(end, start + 1)
        }
        func join(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        if best.isEmpty { return join(groups[...]) }
        return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
    }
}

/// An address of either family.
package enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Reads either family.
    package init?(_ text: String) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// 4 or 16 octets in network order.
    package var octets: [UInt8] {
        switch self {
        case .v4(let address): address.octets
        case .v6(let address): address.octets
        }
    }
}

extension IPAddress: CustomStringConvertible, Comparable, Codable {
    /// The address's usual text.
    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }

    /// IPv4 first, then by octets.
    package static func < (a: IPAddress, b: IPAddress) -> Bool {
        a.octets.count != b.octets.count
            ? a.octets.count < b.octets.count : a.octets.lexicographicallyPrecedes(b.octets)
    }

    /// As its text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// From its text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no IP address")
        }
        self = address
    }
}

extension String {
    /// Parts between occurrences of a separator of several characters.
    fileprivate func components(of separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
