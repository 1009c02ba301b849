/// An absolute domain name (RFC 1035 §2.3.1, §3.1): labels of 1 to 63 octets, at most 255 octets on the wire.
///
/// Keeps the letters as given and compares without regard to ASCII case, as DNS does (RFC 4343).
package struct DomainName: Sendable {
    /// The labels as given, the left-most first, without the root's empty one.
    package let labels: [[UInt8]]
    /// Lower-case octets of all labels, each led by its length: what equality and hashing look at.
    private let folded: [UInt8]

    /// A name by its labels.
    package init(labels: [[UInt8]]) throws(DomainNameError) {
        var folded: [UInt8] = []
        folded.reserveCapacity(labels.reduce(0) { $0 + $1.count + 1 })
        for label in labels {
            guard !label.isEmpty else { throw .emptyLabel }
            guard label.count <= 63 else { throw .labelTooLong(String(decoding: label.prefix(70), as: UTF8.self)) }
            folded.append(UInt8(label.count))
            for octet in label { folded.append(Self.lower(octet)) }
        }
        guard folded.count <= 254 else { throw .nameTooLong(octets: folded.count + 1) }
        self.labels = labels
        self.folded = folded
    }

    /// A name in presentation form (RFC 1035 §5.1): `\.` and `\DDD` are octets of a label, a final dot is optional.
    package init(_ text: String) throws(DomainNameError) {
        guard text != "." else {
            self = .root
            return
        }
        var labels: [[UInt8]] = []
        var label: [UInt8] = []
        var octets = Array(text.utf8)[...]
        guard !octets.isEmpty else { throw .empty }
        while let octet = octets.popFirst() {
            switch octet {
            case UInt8(ascii: "."):
                guard !label.isEmpty else { throw .emptyLabel }
                labels.append(label)
                label = []
            case UInt8(ascii: "\\"):
                label.append(try Self.escaped(&octets))
            case 0x80...:
                throw .notASCII(text)
            case ..<0x21:
                throw .badCharacter(text)
            default:
                label.append(octet)
            }
        }
        if !label.isEmpty { labels.append(label) }
        try self.init(labels: labels)
    }

    private init() {
        labels = []
        folded = []
    }

    /// The root of the tree.
    package static let root = DomainName()

    /// One octet after a backslash.
    private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(DomainNameError) -> UInt8 {
        guard let first = rest.popFirst() else { throw .badEscape }
        guard (0x30...0x39).contains(first) else { return first }
        guard let second = rest.popFirst(), let third = rest.popFirst(), (0x30...0x39).contains(second),
            (0x30...0x39).contains(third)
        else { throw .badEscape }
        let value = Int(first - 0x30) * 100 + Int(second - 0x30) * 10 + Int(third - 0x30)
        guard let octet = UInt8(exactly: value) else { throw .badEscape }
        return octet
    }

    static func lower(_ octet: UInt8) -> UInt8 { (0x41...0x5a).contains(octet) ? octet | 0x20 : octet }
}

extension DomainName {
    /// The name one label up; `nil` for the root.
    package var parent: DomainName? {
        guard !labels.isEmpty else { return nil }
        return try? DomainName(labels: Array(labels.dropFirst()))
    }

    /// Whether this name is `other` or lies below it.
    package func isSame(orBelow other: DomainName) -> Bool {
        guard labels.count >= other.labels.count else { return false }
        return folded.suffix(other.folded.count).elementsEqual(other.folded)
            && labels.dropFirst(labels.count - other.labels.count).elementsEqual(other.labels) { $0.count == $1.count }
    }

    /// The name with one more label in front, or several parted by dots.
    package func prepending(_ text: String) throws(DomainNameError) -> DomainName {
        try DomainName(labels: try DomainName(text).labels + labels)
    }

    /// The name with one more label in front, as octets.
    package func prepending(label: [UInt8]) throws(DomainNameError) -> DomainName {
        try DomainName(labels: [label] + labels)
    }

    /// The same name in lower case.
    package var lowercased: DomainName {
        (try? DomainName(labels: labels.map { $0.map(Self.lower) })) ?? self
    }

    /// Whether the left-most label is a lone asterisk (RFC 4592).
    package var isWildcard: Bool { labels.first == [UInt8(ascii: "*")] }

    /// The name's octets on the wire without compression, in lower case (RFC 8945 §4.3.3 wants it so).
    package var canonicalWire: [UInt8] { folded + [0] }
}

extension DomainName: Hashable {
    /// Without regard to ASCII case.
    package static func == (a: DomainName, b: DomainName) -> Bool { a.folded == b.folded }
    /// Agrees with `==`.
    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }
}

extension DomainName: Comparable {
    /// Canonical order (RFC 4034 §6.1): by labels from the right, without regard to case.
    package static func < (a: DomainName, b: DomainName) -> Bool {
        for (x, y) in zip(a.labels.reversed(), b.labels.reversed()) {
            let left = x.map(lower)
            let right = y.map(lower)
            if left != right { return left.lexicographicallyPrecedes(right) }
        }
        return a.labels.count < b.labels.count
    }
}

extension DomainName: CustomStringConvertible {
    /// Presentation form as given, without the final dot; the root is `.`.
    package var description: String {
        if labels.isEmpty { return "." }
        var text: [UInt8] = []
        for (index, label) in labels.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ".")) }
            for octet in label { Self.append(octet, to: &text) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// With the final dot, as master files want it.
    package var absolute: String { labels.isEmpty ? "." : description + "." }

    private static func append(_ octet: UInt8, to text: inout [UInt8]) {
        switch octet {
        case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "@"), UInt8(ascii: "$"):
            text += [UInt8(ascii: "\\"), octet]
        case 0x21...0x7e:
            text.append(octet)
        default:
            text += Octets.decimalEscape(octet)
        }
    }
}

extension DomainName: Codable {
    /// As its text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// From its text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { try self.init(try container.decode(String.self)) } catch let error as DomainNameError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }
}

/// What is wrong with a domain name.
package enum DomainNameError: Error, Hashable, Sendable {
    case empty
    case emptyLabel
    case labelTooLong(String)
    case nameTooLong(octets: Int)
    case badEscape
    case badCharacter(String)
    case notASCII(String)
}

extension DomainNameError: CustomStringConvertible {
    /// What is wrong, for people.
    package var description: String {
        switch self {
        case .empty: "a domain name is empty"
        case .emptyLabel: "a domain name has an empty label"
        case .labelTooLong(let label): "the label '\(label)' has more than 63 octets"
        case .nameTooLong(let octets): "the name has \(octets) octets, 255 are allowed"
        case .badEscape: "a backslash in a domain name wants one character or three digits up to 255 after it"
        case .badCharacter(let name): "'\(name)' holds a blank or a control character"
        case .notASCII(let name): "'\(name)' is not ASCII; DNS wants its A-label form (xn--…)"
        }
    }
}
