/// The data of one record, by type.
package enum RecordData: Hashable, Sendable {
    case a(IPv4Address)
    case aaaa(IPv6Address)
    case ns(DomainName)
    case cname(DomainName)
    case mx(MX)
    case soa(SOA)
    case txt(TextData)
    case caa(CAA)
    case tlsa(TLSA)
    case ptr(DomainName)
    case srv(SRV)
    case ds(DS)
    /// Any other type, as octets (RFC 3597).
    case unknown(RecordType, [UInt8])
    /// Presentation text of a type that we have no grammar for: it can be compared and kept in its file, but not sent.
    case opaque(RecordType, String)

    /// The type.
    package var type: RecordType {
        switch self {
        case .a: .a
        case .aaaa: .aaaa
        case .ns: .ns
        case .cname: .cname
        case .mx: .mx
        case .soa: .soa
        case .txt: .txt
        case .caa: .caa
        case .tlsa: .tlsa
        case .ptr: .ptr
        case .srv: .srv
        case .ds: .ds
        case .unknown(let type, _): type
        case .opaque(let type, _): type
        }
    }
}

extension RecordData {
    /// The address of an A or AAAA record.
    package var address: IPAddress? {
        switch self {
        case .a(let address): .v4(address)
        case .aaaa(let address): .v6(address)
        default: nil
        }
    }
}

/// RFC 1035 §3.3.9.
package struct MX: Hashable, Sendable {
    /// Lower is tried first.
    package let preference: UInt16
    /// The mail host; the root is a null MX (RFC 7505).
    package let exchange: DomainName

    /// One MX.
    package init(preference: UInt16, exchange: DomainName) {
        self.preference = preference
        self.exchange = exchange
    }
}

/// RFC 1035 §3.3.13; times in seconds.
package struct SOA: Hashable, Sendable {
    package let mname: DomainName
    package let rname: DomainName
    package let serial: UInt32
    package let refresh: UInt32
    package let retry: UInt32
    package let expire: UInt32
    /// Also the TTL of negative answers (RFC 2308 §4).
    package let minimum: UInt32

    /// One SOA.
    package init(
        mname: DomainName, rname: DomainName, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32,
        minimum: UInt32
    ) {
        self.mname = mname
        self.rname = rname
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.expire = expire
        self.minimum = minimum
    }
}

/// RFC 8659 §4.
package struct CAA: Hashable, Sendable {
    /// Bit 128 is 'critical'.
    package let flags: UInt8
    package let tag: String
    package let value: [UInt8]

    /// One CAA; `nil` for a tag outside 1 to 255 letters and digits.
    package init?(flags: UInt8, tag: String, value: [UInt8]) {
        guard (1...255).contains(tag.utf8.count),
            tag.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) })
        else { return nil }
        self.flags = flags
        self.tag = tag
        self.value = value
    }
}

/// RFC 6698 §2.1.
package struct TLSA: Hashable, Sendable {
    package let usage: UInt8
    package let selector: UInt8
    package let matching: UInt8
    package let association: [UInt8]

    /// One TLSA.
    package init(usage: UInt8, selector: UInt8, matching: UInt8, association: [UInt8]) {
        self.usage = usage
        self.selector = selector
        self.matching = matching
        self.association = association
    }
}

/// RFC 2782.
package struct SRV: Hashable, Sendable {
    package let priority: UInt16
    package let weight: UInt16
    package let port: UInt16
    package let target: DomainName

    /// One SRV.
    package init(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// RFC 4034 §5.
package struct DS: Hashable, Sendable {
    package let keyTag: UInt16
    package let algorithm: UInt8
    package let digestType: UInt8
    package let digest: [UInt8]

    /// One DS.
    package init(keyTag: UInt16, algorithm: UInt8, digestType: UInt8, digest: [UInt8]) {
        self.keyTag = keyTag
        self.algorithm = algorithm
        self.digestType = digestType
        self.digest = digest
    }
}

extension RecordData: CustomStringConvertible {
    /// Presentation form (RFC 1035 §5.1), names with their final dot.
    package var description: String {
        switch self {
        case .a(let address): address.description
        case .aaaa(let address): address.description
        case .ns(let name), .cname(let name), .ptr(let name): name.absolute
        case .mx(let mx): "\(mx.preference) \(mx.exchange.absolute)"
        case .soa(let soa):
            "\(soa.mname.absolute) \(soa.rname.absolute) \(soa.serial) \(soa.refresh) \(soa.retry) \(soa.expire) \(soa.minimum)"
        case .txt(let text): text.description
        case .caa(let caa):
            "\(caa.flags) \(caa.tag) \(TextData(strings: [caa.value])?.description ?? Octets.hex(caa.value))"
        case .tlsa(let tlsa): "\(tlsa.usage) \(tlsa.selector) \(tlsa.matching) \(Octets.hex(tlsa.association))"
        case .srv(let srv): "\(srv.priority) \(srv.weight) \(srv.port) \(srv.target.absolute)"
        case .ds(let ds): "\(ds.keyTag) \(ds.algorithm) \(ds.digestType) \(Octets.hex(ds.digest))"
        case .opaque(_, let text): text
        case .unknown(_, let octets): octets.isEmpty ? "\\# 0" : "\\# \(octets.count) \(Octets.hex(octets))"
        }
    }
}

extension RecordData: Comparable {
    /// By type, then by canonical wire octets: a total order in which sets are kept and printed.
    package static func < (a: RecordData, b: RecordData) -> Bool {
        a.type != b.type ? a.type < b.type : a.canonicalWire.lexicographicallyPrecedes(b.canonicalWire)
    }
}
