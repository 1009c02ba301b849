/// Builds a message's octets, compressing names against what was written before (RFC 1035 §4.1.4).
struct WireWriter {
    private(set) var octets: [UInt8] = []
    private var offsets: [[UInt8]: Int] = [:]

    mutating func append(_ value: UInt8) { octets.append(value) }

    mutating func append(_ value: UInt16) { octets += [UInt8(value >> 8), UInt8(value & 255)] }

    mutating func append(_ value: UInt32) {
        append(UInt16(value >> 16))
        append(UInt16(value & 0xffff))
    }

    mutating func append(_ more: [UInt8]) { octets += more }

    /// Writes a name; a suffix met before becomes a pointer when `compressing`.
    mutating func append(_ name: DomainName, compressing: Bool) {
        var labels = name.labels[...]
        while let label = labels.first {
            let suffix = Self.key(labels)
            if compressing, let offset = offsets[suffix] {
                append(UInt16(0xc000 | offset))
                return
            }
            // A pointer has 14 bits for the offset.
            if octets.count < 0x4000, offsets[suffix] == nil { offsets[suffix] = octets.count }
            octets.append(UInt8(label.count))
            octets += label
            labels = labels.dropFirst()
        }
        octets.append(0)
    }

    private static func key(_ labels: ArraySlice<[UInt8]>) -> [UInt8] {
        labels.flatMap { [UInt8($0.count)] + $0.map(DomainName.lower) }
    }

    /// Writes what `body` writes, led by its length in two octets.
    mutating func withLength(_ body: (inout WireWriter) -> Void) {
        let start = octets.count
        append(UInt16(0))
        body(&self)
        let length = UInt16(truncatingIfNeeded: octets.count - start - 2)
        octets[start] = UInt8(length >> 8)
        octets[start + 1] = UInt8(length & 255)
    }
}

extension RecordData {
    /// The data's octets without compression and with names in lower case (RFC 4034 §6.2).
    var canonicalWire: [UInt8] {
        switch self {
        case .ns(let name), .cname(let name), .ptr(let name): return name.canonicalWire
        case .mx(let mx): return [UInt8(mx.preference >> 8), UInt8(mx.preference & 255)] + mx.exchange.canonicalWire
        default:
            var writer = WireWriter()
            write(to: &writer, compressing: false)
            return writer.octets
        }
    }

    /// Writes the data without its length. Names are compressed only in the types of RFC 1035 (RFC 3597 §4).
    func write(to writer: inout WireWriter, compressing: Bool) {
        switch self {
        case .a(let address): writer.append(address.octets)
        case .aaaa(let address): writer.append(address.octets)
        case .ns(let name), .cname(let name), .ptr(let name): writer.append(name, compressing: compressing)
        case .mx(let mx):
            writer.append(mx.preference)
            writer.append(mx.exchange, compressing: compressing)
        case .soa(let soa):
            writer.append(soa.mname, compressing: compressing)
            writer.append(soa.rname, compressing: compressing)
            for number in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] { writer.append(number) }
        case .txt(let text):
            for string in text.strings {
                writer.append(UInt8(string.count))
                writer.append(string)
            }
        case .caa(let caa):
            writer.append(caa.flags)
            writer.append(UInt8(caa.tag.utf8.count))
            writer.append(Array(caa.tag.utf8))
            writer.append(caa.value)
        case .tlsa(let tlsa):
            writer.append([tlsa.usage, tlsa.selector, tlsa.matching] + tlsa.association)
        case .srv(let srv):
            for number in [srv.priority, srv.weight, srv.port] { writer.append(number) }
            writer.append(srv.target, compressing: false)
        case .ds(let ds):
            writer.append(ds.keyTag)
            writer.append([ds.algorithm, ds.digestType] + ds.digest)
        case .unknown(_, let octets): writer.append(octets)
        // For the order of sets alone: a message that holds such data is not encoded.
        case .opaque(_, let text): writer.append(Array(text.utf8))
        }
    }
}
