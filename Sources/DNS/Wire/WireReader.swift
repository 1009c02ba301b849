/// Reads a message's octets. Total: any octets give a value or an error, in time linear in their number.
struct WireReader {
    let octets: [UInt8]
    private(set) var offset: Int
    private let end: Int

    init(_ octets: [UInt8]) {
        self.octets = octets
        offset = 0
        end = octets.count
    }

    private init(_ octets: [UInt8], from offset: Int, to end: Int) {
        self.octets = octets
        self.offset = offset
        self.end = end
    }

    var remaining: Int { end - offset }

    mutating func byte() throws(WireError) -> UInt8 {
        guard offset < end else { throw WireError(.truncated, at: offset) }
        defer { offset += 1 }
        return octets[offset]
    }

    mutating func uint16() throws(WireError) -> UInt16 { UInt16(try byte()) << 8 | UInt16(try byte()) }

    mutating func uint32() throws(WireError) -> UInt32 { UInt32(try uint16()) << 16 | UInt32(try uint16()) }

    mutating func bytes(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw WireError(.truncated, at: offset) }
        defer { offset += count }
        return Array(octets[offset..<offset + count])
    }

    /// A reader of the next `count` octets; names in it may still point back into the whole message.
    mutating func slice(_ count: Int) throws(WireError) -> WireReader {
        guard count >= 0, count <= remaining else { throw WireError(.truncated, at: offset) }
        defer { offset += count }
        return WireReader(octets, from: offset, to: offset + count)
    }

    /// A name, following pointers. A pointer must lead strictly backwards, so that no chain can loop; a name has at most 255
    /// octets, so that no chain can be long.
    mutating func name() throws(WireError) -> DomainName {
        var labels: [[UInt8]] = []
        var length = 1
        var position = offset
        var limit = end
        var barrier = offset
        var after: Int?
        while true {
            guard position < limit else { throw WireError(.truncated, at: position) }
            let octet = octets[position]
            switch octet >> 6 {
            case 0:
                if octet == 0 {
                    offset = after ?? position + 1
                    guard let name = try? DomainName(labels: labels) else { throw WireError(.badName, at: position) }
                    return name
                }
                let next = position + 1 + Int(octet)
                guard next <= limit else { throw WireError(.truncated, at: position) }
                length += Int(octet) + 1
                guard length <= 255 else { throw WireError(.badName, at: position) }
                labels.append(Array(octets[position + 1..<next]))
                position = next
            case 3:
                guard position + 1 < limit else { throw WireError(.truncated, at: position) }
                let target = Int(octet & 0x3f) << 8 | Int(octets[position + 1])
                guard target < barrier else { throw WireError(.badPointer, at: position) }
                after = after ?? position + 2
                barrier = target
                position = target
                limit = octets.count
            default:
                throw WireError(.badName, at: position)
            }
        }
    }
}

/// Octets that are no message.
package struct WireError: Error, Hashable, Sendable {
    /// What is wrong.
    package let defect: Defect
    /// Where, as an octet offset into the message.
    package let offset: Int

    init(_ defect: Defect, at offset: Int) {
        self.defect = defect
        self.offset = offset
    }

    /// What can be wrong with a message.
    package enum Defect: String, Hashable, Sendable {
        case truncated = "it ends too early"
        case badName = "a name is malformed"
        case badPointer = "a compression pointer leads forward or in a circle"
        case badData = "a record's data do not fit its type"
        case notEncodable = "it holds data that are known by their text alone"
        case trailing = "octets follow its end"
        case tooLong = "it would be longer than 65,535 octets"
    }
}

extension WireError: CustomStringConvertible {
    /// For people.
    package var description: String { "the DNS message is malformed at octet \(offset): \(defect.rawValue)" }
}

extension RecordData {
    /// Reads data of `type` that fill `reader`.
    static func read(_ type: RecordType, from reader: inout WireReader) throws(WireError) -> RecordData {
        let start = reader.offset
        let data = try value(type, from: &reader)
        guard reader.remaining == 0 else { throw WireError(.badData, at: start) }
        return data
    }

    private static func value(_ type: RecordType, from reader: inout WireReader) throws(WireError) -> RecordData {
        let start = reader.offset
        switch type {
        case .a:
            guard let address = IPv4Address(octets: try reader.bytes(4)) else { throw WireError(.badData, at: start) }
            return .a(address)
        case .aaaa:
            guard let address = IPv6Address(octets: try reader.bytes(16)) else { throw WireError(.badData, at: start) }
            return .aaaa(address)
        case .ns: return .ns(try reader.name())
        case .cname: return .cname(try reader.name())
        case .mx: return .mx(MX(preference: try reader.uint16(), exchange: try reader.name()))
        case .soa:
            return .soa(
                SOA(
                    mname: try reader.name(), rname: try reader.name(), serial: try reader.uint32(),
                    refresh: try reader.uint32(), retry: try reader.uint32(), expire: try reader.uint32(),
                    minimum: try reader.uint32()))
        case .txt:
            var strings: [[UInt8]] = []
            while reader.remaining > 0 { strings.append(try reader.bytes(Int(try reader.byte()))) }
            guard let text = TextData(strings: strings) else { throw WireError(.badData, at: start) }
            return .txt(text)
        case .caa:
            let flags = try reader.byte()
            let tag = try reader.bytes(Int(try reader.byte()))
            let value = try reader.bytes(reader.remaining)
            guard let caa = CAA(flags: flags, tag: String(decoding: tag, as: UTF8.self), value: value) else {
                throw WireError(.badData, at: start)
            }
            return .caa(caa)
        case .tlsa:
            return .tlsa(
                TLSA(
                    usage: try reader.byte(), selector: try reader.byte(), matching: try reader.byte(),
                    association: try reader.bytes(reader.remaining)))
        case .ptr: return .ptr(try reader.name())
        case .srv:
            return .srv(
                SRV(
                    priority: try reader.uint16(), weight: try reader.uint16(), port: try reader.uint16(),
                    target: try reader.name()))
        case .ds:
            return .ds(
                DS(
                    keyTag: try reader.uint16(), algorithm: try reader.byte(), digestType: try reader.byte(),
                    digest: try reader.bytes(reader.remaining)))
        default:
            return .unknown(type, try reader.bytes(reader.remaining))
        }
    }
}
