/// The TXT record at `_mta-sts.<policy domain>` (RFC 8461 §3.1).
package struct STSRecord: Hashable, Sendable {
    /// Announces which policy is current.
    package let id: PolicyID

    /// A record that announces `id`.
    package init(id: PolicyID) { self.id = id }

    /// The text that we publish: one field, a final delimiter, no blanks that any reader stumbles over.
    package var text: String { "v=STSv1; id=\(id);" }

    /// Reads a record's joined strings by the grammar (STS-1 to STS-8).
    package init(parsing octets: [UInt8]) throws(RecordDefect) {
        var fields = RecordFields(octets)
        try fields.version("v=STSv1")
        var id: PolicyID?
        while let field = try fields.next() {
            guard field.name.elementsEqual("id".utf8) else {
                guard Grammar.isExtensionName(field.name), Grammar.isExtensionValue(field.value) else {
                    throw RecordDefect(.field, at: field.offset)
                }
                continue
            }
            guard let text = PolicyID(String(decoding: field.value, as: UTF8.self)) else {
                throw RecordDefect(.id, at: field.offset)
            }
            // STS-8: of duplicates the first counts.
            id = id ?? text
        }
        guard let id else { throw RecordDefect(.missing, at: octets.count) }
        self.id = id
    }
}

/// The first defect of a record, as an octet offset into its joined strings.
package struct RecordDefect: Error, Hashable, Sendable {
    package let kind: Kind
    package let offset: Int

    /// A defect at an offset.
    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// What can be wrong.
    package enum Kind: String, Hashable, Sendable {
        case version = "it does not begin with its version and ';'"
        case field = "a field is not 'name=value'"
        case id = "the id is not 1 to 32 letters and digits"
        case uri = "a rua is not a list of URIs"
        case missing = "the required field is missing"
        case encoding = "it holds octets beyond ASCII"
    }
}

extension RecordDefect: CustomStringConvertible {
    /// For people.
    package var description: String { "\(kind.rawValue) (octet \(offset))" }
}

/// Walks `name=value` fields parted by `;` (RFC 8461 §3.1, RFC 8460 §3): blanks and tabs around `;` only.
package struct RecordFields {
    private let octets: [UInt8]
    private var position = 0

    /// A walk over a record's joined strings.
    package init(_ octets: [UInt8]) { self.octets = octets }

    /// One field.
    package struct Field {
        package let name: ArraySlice<UInt8>
        package let value: ArraySlice<UInt8>
        package let offset: Int
    }

    /// The version must come first, followed by `;` at once (STS-6: the cautious reading).
    package mutating func version(_ text: String) throws(RecordDefect) {
        guard octets.starts(with: Array(text.utf8) + [UInt8(ascii: ";")]) else { throw RecordDefect(.version, at: 0) }
        position = text.utf8.count + 1
    }

    /// The next field; `nil` at the end. One final delimiter is allowed, an empty field is not.
    package mutating func next() throws(RecordDefect) -> Field? {
        skipBlanks()
        guard position < octets.count else { return nil }
        let start = position
        var end = start
        while end < octets.count, octets[end] != UInt8(ascii: ";") { end += 1 }
        position = min(end + 1, octets.count)
        var body = octets[start..<end]
        while let last = body.last, last == 0x20 || last == 0x09 {
            body.removeLast()
            // Blanks belong to the delimiter; without one after them they are part of nothing.
            if end == octets.count { throw RecordDefect(.field, at: body.endIndex) }
        }
        guard let equals = body.firstIndex(of: UInt8(ascii: "=")) else { throw RecordDefect(.field, at: start) }
        return Field(name: body[..<equals], value: body[(equals + 1)...], offset: start)
    }

    private mutating func skipBlanks() {
        while position < octets.count, octets[position] == 0x20 || octets[position] == 0x09 { position += 1 }
    }
}
