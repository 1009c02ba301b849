package import DNS
package import MTASTS

/// The TXT record at `_smtp._tls.<policy domain>` (RFC 8460 §3).
package struct TLSRPTRecord: Hashable, Sendable {
    /// All URIs in order, as written.
    package let rua: [String]

    /// `_smtp._tls.<zone>`.
    package static func recordName(_ zone: DomainName) -> DomainName { (try? zone.prepending("_smtp._tls")) ?? zone }

    /// The text that we publish: rua right after the version, no blanks around commas (OBS-13).
    package static func text(for rua: [ReportURI]) -> String {
        "v=TLSRPTv1; rua=" + rua.map(\.text).joined(separator: ",")
    }

    /// Reads a record's joined strings (RPT-1 to RPT-5).
    package init(parsing octets: [UInt8]) throws(RecordDefect) {
        var fields = RecordFields(octets)
        try fields.version("v=TLSRPTv1")
        var rua: [String]?
        while let field = try fields.next() {
            if field.name.elementsEqual("rua".utf8) {
                rua = (rua ?? []) + (try Self.uris(field))
            } else if !Grammar.isExtensionName(field.name) || !Grammar.isExtensionValue(field.value) {
                throw RecordDefect(.field, at: field.offset)
            }
        }
        guard let rua else { throw RecordDefect(.missing, at: octets.count) }
        self.rua = rua
    }

    /// A comma-separated list of URIs (RFC 3986) with blanks allowed around commas; `!` is reserved (RPT-3).
    private static func uris(_ field: RecordFields.Field) throws(RecordDefect) -> [String] {
        var uris: [String] = []
        for part in field.value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            var uri = part
            while let blank = uri.first, blank == 0x20 || blank == 0x09 { uri.removeFirst() }
            while let blank = uri.last, blank == 0x20 || blank == 0x09 { uri.removeLast() }
            guard isURI(uri) else { throw RecordDefect(.uri, at: field.offset) }
            uris.append(String(decoding: uri, as: UTF8.self))
        }
        return uris
    }

    private static func isURI(_ uri: ArraySlice<UInt8>) -> Bool {
        guard let colon = uri.firstIndex(of: UInt8(ascii: ":")), let first = uri.first,
            (0x61...0x7a).contains(first | 0x20),
            uri[..<colon].allSatisfy({ Grammar.isAlphanumeric($0) || $0 == 0x2b || $0 == 0x2d || $0 == 0x2e })
        else { return false }
        var rest = uri[(colon + 1)...]
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "%") {
                guard let high = rest.popFirst(), let low = rest.popFirst(), isHex(high), isHex(low) else {
                    return false
                }
            } else if !isURICharacter(octet) {
                return false
            }
        }
        return true
    }

    private static func isHex(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x66).contains(octet | 0x20)
    }

    /// RFC 3986 unreserved and reserved, without `!`, `,` and `;`.
    private static func isURICharacter(_ octet: UInt8) -> Bool {
        Grammar.isAlphanumeric(octet) || "-._~:/?#[]@$&'()*+=".utf8.contains(octet)
    }
}

/// Which of several TXT records counts (RPT-5).
package enum TLSRPTSelection: Hashable, Sendable {
    /// None begins with `v=TLSRPTv1;`.
    case absent
    /// Exactly one, and it is well formed.
    case one(TLSRPTRecord)
    /// More than one: the domain takes no reports.
    case several(count: Int)
    /// Exactly one, and it is malformed.
    case malformed(RecordDefect)

    /// Selects from the joined strings of each record.
    package static func select(from texts: [[UInt8]]) -> TLSRPTSelection {
        let candidates = texts.filter { $0.starts(with: Array("v=TLSRPTv1;".utf8)) }
        guard let text = candidates.first else { return .absent }
        guard candidates.count == 1 else { return .several(count: candidates.count) }
        do throws(RecordDefect) { return .one(try TLSRPTRecord(parsing: text)) } catch { return .malformed(error) }
    }
}
