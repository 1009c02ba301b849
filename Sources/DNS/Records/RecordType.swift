/// A record type's number (IANA "Resource Record (RR) TYPEs").
package struct RecordType: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number on the wire.
    package let rawValue: UInt16

    /// A type by its number.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let ptr = RecordType(rawValue: 12)
    package static let mx = RecordType(rawValue: 15)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let srv = RecordType(rawValue: 33)
    package static let dname = RecordType(rawValue: 39)
    package static let opt = RecordType(rawValue: 41)
    package static let ds = RecordType(rawValue: 43)
    package static let rrsig = RecordType(rawValue: 46)
    package static let nsec = RecordType(rawValue: 47)
    package static let dnskey = RecordType(rawValue: 48)
    package static let nsec3 = RecordType(rawValue: 50)
    package static let tlsa = RecordType(rawValue: 52)
    package static let tsig = RecordType(rawValue: 250)
    package static let axfr = RecordType(rawValue: 252)
    package static let any = RecordType(rawValue: 255)
    package static let caa = RecordType(rawValue: 257)

    /// By mnemonic in any case, or as `TYPE123` (RFC 3597 §5).
    package init?(name: String) {
        let upper = name.uppercased()
        if let known = Self.numbers[upper] {
            self.init(rawValue: known)
        } else if upper.hasPrefix("TYPE"), let number = UInt16(upper.dropFirst(4)) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }

    /// By number.
    package static func < (a: RecordType, b: RecordType) -> Bool { a.rawValue < b.rawValue }
}

extension RecordType: CustomStringConvertible, Codable {
    /// The mnemonic, or `TYPE123`.
    package var description: String { Self.mnemonics[rawValue] ?? "TYPE\(rawValue)" }

    /// As its mnemonic.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// From its mnemonic.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let type = RecordType(name: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no record type")
        }
        self = type
    }
}
