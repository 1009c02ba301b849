/// The name and type of a record set (RFC 2181 §5).
package struct RecordKey: Hashable, Comparable, Sendable, Codable {
    /// The owner.
    package let name: DomainName
    /// The type.
    package let type: RecordType

    /// A key.
    package init(name: DomainName, type: RecordType) {
        self.name = name
        self.type = type
    }

    /// By name in canonical order, then by type.
    package static func < (a: RecordKey, b: RecordKey) -> Bool { a.name != b.name ? a.name < b.name : a.type < b.type }
}

extension RecordKey: CustomStringConvertible {
    /// `name TYPE`.
    package var description: String { "\(name) \(type)" }
}

/// All records of one name and type; they share one TTL (RFC 2181 §5.2). Never empty.
package struct RecordSet: Hashable, Sendable {
    /// Name and type.
    package let key: RecordKey
    /// Time to live in seconds.
    package let ttl: UInt32
    /// Data in canonical order, each once.
    package let data: [RecordData]

    /// A set; `nil` when there is no datum or one of another type.
    package init?(key: RecordKey, ttl: UInt32, data: [RecordData]) {
        guard !data.isEmpty, data.allSatisfy({ $0.type == key.type }) else { return nil }
        self.key = key
        self.ttl = ttl
        self.data = Set(data).sorted()
    }

    /// Master-file lines, one a record.
    package var lines: [String] { data.map { "\(key.name.absolute) \(ttl) IN \(key.type) \($0)" } }

    /// The same set with another TTL.
    package func with(ttl: UInt32) -> RecordSet { RecordSet(key: key, ttl: ttl, data: data) ?? self }
}

extension RecordSet: Codable {
    private enum Field: String, CodingKey { case name, type, ttl, data }

    /// `{"name", "type", "ttl", "data": [presentation form]}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(key.name, forKey: .name)
        try container.encode(key.type, forKey: .type)
        try container.encode(ttl, forKey: .ttl)
        try container.encode(data.map(\.description), forKey: .data)
    }

    /// The reverse.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Field.self)
        let key = RecordKey(
            name: try container.decode(DomainName.self, forKey: .name),
            type: try container.decode(RecordType.self, forKey: .type))
        let ttl = try container.decode(UInt32.self, forKey: .ttl)
        let texts = try container.decode([String].self, forKey: .data)
        let data = try texts.map { try RecordData(parsing: $0, type: key.type, origin: .root) }
        guard let set = RecordSet(key: key, ttl: ttl, data: data) else {
            throw DecodingError.dataCorruptedError(
                forKey: .data, in: container, debugDescription: "a record set is empty")
        }
        self = set
    }
}

/// One record as messages and master files carry it.
package struct ResourceRecord: Hashable, Sendable {
    /// The owner.
    package let name: DomainName
    /// The class number; 1 is IN. RFC 2136 uses NONE (254) and ANY (255) with a meaning of their own.
    package let recordClass: UInt16
    /// Time to live in seconds.
    package let ttl: UInt32
    /// The data.
    package let data: RecordData

    /// One record.
    package init(name: DomainName, recordClass: UInt16 = 1, ttl: UInt32, data: RecordData) {
        self.name = name
        self.recordClass = recordClass
        self.ttl = ttl
        self.data = data
    }

    /// Name and type.
    package var key: RecordKey { RecordKey(name: name, type: data.type) }
}

extension RecordSet {
    /// The set as single records.
    package var records: [ResourceRecord] { data.map { ResourceRecord(name: key.name, ttl: ttl, data: $0) } }

    /// Groups records of class IN into sets; a set's TTL is the least of its records' (RFC 2181 §5.2).
    package static func grouping(_ records: [ResourceRecord]) -> [RecordKey: RecordSet] {
        var groups: [RecordKey: [ResourceRecord]] = [:]
        for record in records where record.recordClass == 1 { groups[record.key, default: []].append(record) }
        return groups.compactMapValues { group in
            group.first.flatMap { RecordSet(key: $0.key, ttl: group.map(\.ttl).min() ?? 0, data: group.map(\.data)) }
        }
    }
}
