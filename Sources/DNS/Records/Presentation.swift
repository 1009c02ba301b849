/// Data that are no presentation form of their type.
package struct PresentationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for people.
    package let description: String

    init(_ description: String) { self.description = description }
}

/// One word of a master file: unquoted or quoted octets, escapes resolved; the raw text for names.
package struct PresentationToken: Hashable, Sendable {
    /// The octets with escapes resolved.
    package let octets: [UInt8]
    /// The text as written, without quotes.
    package let raw: String
    /// Whether it stood in quotes.
    package let isQuoted: Bool

    /// One word.
    package init(octets: [UInt8], raw: String, isQuoted: Bool) {
        self.octets = octets
        self.raw = raw
        self.isQuoted = isQuoted
    }

    /// Cuts one line's data into words (RFC 1035 §5.1).
    package static func scan(_ text: String) throws(PresentationError) -> [PresentationToken] {
        var tokens: [PresentationToken] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if first == 0x20 || first == 0x09 {
                rest = rest.dropFirst()
                continue
            }
            tokens.append(try scanOne(&rest))
        }
        return tokens
    }

    /// One word from the start of `rest`.
    package static func scanOne(_ rest: inout ArraySlice<UInt8>) throws(PresentationError) -> PresentationToken {
        let isQuoted = rest.first == UInt8(ascii: "\"")
        if isQuoted { rest = rest.dropFirst() }
        var octets: [UInt8] = []
        let start = rest
        while let octet = rest.first {
            if isQuoted ? octet == UInt8(ascii: "\"") : Self.ends(octet) { break }
            rest = rest.dropFirst()
            guard octet == UInt8(ascii: "\\") else {
                octets.append(octet)
                continue
            }
            octets.append(try escaped(&rest))
        }
        let raw = String(decoding: start[start.startIndex..<rest.startIndex], as: UTF8.self)
        if isQuoted {
            guard rest.first == UInt8(ascii: "\"") else { throw PresentationError("a quoted string does not end") }
            rest = rest.dropFirst()
        }
        return PresentationToken(octets: octets, raw: raw, isQuoted: isQuoted)
    }

    private static func ends(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""): true
        default: false
        }
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(PresentationError) -> UInt8 {
        guard let first = rest.popFirst() else { throw PresentationError("a backslash ends the line") }
        guard (0x30...0x39).contains(first) else { return first }
        guard let second = rest.popFirst(), let third = rest.popFirst(), (0x30...0x39).contains(second),
            (0x30...0x39).contains(third),
            let octet = UInt8(exactly: Int(first - 0x30) * 100 + Int(second - 0x30) * 10 + Int(third - 0x30))
        else { throw PresentationError("a backslash and digits want three digits up to 255") }
        return octet
    }
}

extension RecordData {
    /// Reads presentation form; relative names end in `origin`.
    package init(parsing text: String, type: RecordType, origin: DomainName) throws(PresentationError) {
        try self.init(tokens: try PresentationToken.scan(text), type: type, origin: origin)
    }

    /// Reads presentation form already cut into words.
    package init(tokens: [PresentationToken], type: RecordType, origin: DomainName) throws(PresentationError) {
        var words = Words(tokens: tokens[...], origin: origin, type: type)
        if tokens.first?.raw == "\\#" {
            self = try words.generic()
            return
        }
        switch type {
        case .a:
            guard let address = IPv4Address(try words.text()) else { throw words.error("an IPv4 address") }
            self = .a(address)
        case .aaaa:
            guard let address = IPv6Address(try words.text()) else { throw words.error("an IPv6 address") }
            self = .aaaa(address)
        case .ns: self = .ns(try words.name())
        case .cname: self = .cname(try words.name())
        case .mx: self = .mx(MX(preference: try words.number(), exchange: try words.name()))
        case .soa:
            self = .soa(
                SOA(
                    mname: try words.name(), rname: try words.name(), serial: try words.number(),
                    refresh: try words.period(), retry: try words.period(), expire: try words.period(),
                    minimum: try words.period()))
        case .txt:
            let strings = words.rest().map(\.octets)
            guard let data = TextData(strings: strings) else { throw words.error("strings of at most 255 octets") }
            self = .txt(data)
        case .caa:
            let flags: UInt8 = try words.number()
            let tag = try words.text()
            guard let caa = CAA(flags: flags, tag: tag, value: try words.octets()) else {
                throw words.error("flags, tag, value")
            }
            self = .caa(caa)
        case .tlsa:
            let numbers: [UInt8] = [try words.number(), try words.number(), try words.number()]
            guard let association = Octets.fromHex(words.rest().map(\.raw).joined()) else {
                throw words.error("hexadecimal")
            }
            self = .tlsa(TLSA(usage: numbers[0], selector: numbers[1], matching: numbers[2], association: association))
        case .ptr: self = .ptr(try words.name())
        case .srv:
            self = .srv(
                SRV(
                    priority: try words.number(), weight: try words.number(), port: try words.number(),
                    target: try words.name()))
        case .ds:
            let (tag, algorithm, kind): (UInt16, UInt8, UInt8) = (
                try words.number(), try words.number(), try words.number()
            )
            guard let digest = Octets.fromHex(words.rest().map(\.raw).joined()), !digest.isEmpty else {
                throw words.error("hexadecimal")
            }
            self = .ds(DS(keyTag: tag, algorithm: algorithm, digestType: kind, digest: digest))
        default:
            // Types that we have no grammar for are kept opaque by callers; only RFC 3597 form gives octets.
            throw PresentationError("data of type \(type) are read in RFC 3597 form only (\\# length hex)")
        }
        guard words.rest().isEmpty else { throw words.error("nothing more") }
    }
}

/// Takes the words of one record's data in order.
private struct Words {
    var tokens: ArraySlice<PresentationToken>
    let origin: DomainName
    let type: RecordType

    func error(_ wanted: String) -> PresentationError { PresentationError("\(type) data want \(wanted) here") }

    mutating func token() throws(PresentationError) -> PresentationToken {
        guard let token = tokens.popFirst() else { throw error("one more word") }
        return token
    }

    mutating func text() throws(PresentationError) -> String { try token().raw }

    mutating func octets() throws(PresentationError) -> [UInt8] { try token().octets }

    mutating func name() throws(PresentationError) -> DomainName {
        let raw = try text()
        guard let name = try? DomainName(presentation: raw, origin: origin) else {
            throw error("a domain name, not '\(raw)'")
        }
        return name
    }

    mutating func number<Number: FixedWidthInteger>() throws(PresentationError) -> Number {
        guard let number = Number(try text()) else { throw error("a number") }
        return number
    }

    mutating func period() throws(PresentationError) -> UInt32 {
        guard let seconds = MasterFilePeriod.seconds(try text()) else { throw error("a time in seconds") }
        return seconds
    }

    mutating func rest() -> [PresentationToken] {
        defer { tokens = [] }
        return Array(tokens)
    }

    /// RFC 3597 §5: `\# length hex…`.
    mutating func generic() throws(PresentationError) -> RecordData {
        _ = try token()
        let length: UInt16 = try number()
        guard let octets = Octets.fromHex(rest().map(\.raw).joined()), octets.count == Int(length) else {
            throw error("as much hexadecimal as its length says")
        }
        var reader = WireReader(octets)
        do { return octets.isEmpty ? .unknown(type, []) : try RecordData.read(type, from: &reader) } catch {
            throw PresentationError("\(error.defect.rawValue)")
        }
    }
}

/// Times as master files write them: seconds, or BIND's units (`1h30m`).
enum MasterFilePeriod {
    static func seconds(_ text: String) -> UInt32? {
        if let plain = UInt32(text) { return plain }
        var total: UInt64 = 0
        var number: UInt64?
        for octet in text.utf8 {
            if (0x30...0x39).contains(octet) {
                number = (number ?? 0) * 10 + UInt64(octet - 0x30)
                guard number ?? 0 <= UInt64(UInt32.max) else { return nil }
                continue
            }
            let unit: UInt64
            switch octet | 0x20 {
            case UInt8(ascii: "s"): unit = 1
            case UInt8(ascii: "m"): unit = 60
            case UInt8(ascii: "h"): unit = 3_600
            case UInt8(ascii: "d"): unit = 86_400
            case UInt8(ascii: "w"): unit = 604_800
            default: return nil
            }
            guard let count = number else { return nil }
            total += count * unit
            number = nil
        }
        guard number == nil, total <= UInt64(UInt32.max), !text.isEmpty else { return nil }
        return UInt32(total)
    }
}

extension DomainName {
    /// A name as master files write it: `@` is the origin, a name without a final dot ends in it.
    package init(presentation text: String, origin: DomainName) throws(DomainNameError) {
        if text == "@" {
            self = origin
            return
        }
        let name = try DomainName(text)
        let isAbsolute = text.hasSuffix(".") && !text.hasSuffix("\\.")
        self = isAbsolute ? name : try DomainName(labels: name.labels + origin.labels)
    }
}
