/// A dynamic update (RFC 2136): what must hold, then what changes, all or nothing.
package struct UpdateMessage: Hashable, Sendable {
    /// The DNS zone that is updated.
    package let zone: DomainName
    /// What must hold (§2.4).
    package let prerequisites: [Prerequisite]
    /// What changes, in this order (§2.5).
    package let updates: [Update]

    /// An update.
    package init(zone: DomainName, prerequisites: [Prerequisite], updates: [Update]) {
        self.zone = zone
        self.prerequisites = prerequisites
        self.updates = updates
    }

    /// RFC 2136 §2.4; a TTL here is always zero.
    package enum Prerequisite: Hashable, Sendable {
        /// The set stands there with exactly these data; for TXT the cut into strings counts (§1.1.1).
        case exists(exactly: RecordSet)
        /// No set of this name and type.
        case absent(RecordKey)
    }

    /// RFC 2136 §2.5.
    package enum Update: Hashable, Sendable {
        case add(RecordSet)
        case deleteSet(RecordKey)
        case deleteRecord(RecordKey, RecordData)
    }

    private static let anyClass: UInt16 = 255
    private static let noneClass: UInt16 = 254

    /// The message, unsigned.
    package func message(id: UInt16) -> Message {
        var flags = Message.Flags()
        flags.opcode = 5
        return Message(
            id: id, flags: flags, questions: [Message.Question(zone, .soa)],
            answers: prerequisites.flatMap(Self.records),
            authorities: updates.flatMap(Self.records))
    }

    private static func records(_ prerequisite: Prerequisite) -> [WireRecord] {
        switch prerequisite {
        case .exists(let set):
            set.data.map { WireRecord(name: set.key.name, type: set.key.type, recordClass: 1, ttl: 0, data: $0) }
        case .absent(let key):
            [WireRecord(name: key.name, type: key.type, recordClass: noneClass, ttl: 0, data: nil)]
        }
    }

    private static func records(_ update: Update) -> [WireRecord] {
        switch update {
        case .add(let set): set.records.map(WireRecord.init)
        case .deleteSet(let key):
            [WireRecord(name: key.name, type: key.type, recordClass: anyClass, ttl: 0, data: nil)]
        case .deleteRecord(let key, let data):
            [WireRecord(name: key.name, type: key.type, recordClass: noneClass, ttl: 0, data: data)]
        }
    }
}

extension UpdateMessage {
    /// The update as nsupdate would be told it: what a dry run shows.
    package var lines: [String] {
        let needs = prerequisites.flatMap { prerequisite -> [String] in
            switch prerequisite {
            case .exists(let set): set.data.map { "prereq yxrrset \(set.key.name.absolute) IN \(set.key.type) \($0)" }
            case .absent(let key): ["prereq nxrrset \(key.name.absolute) IN \(key.type)"]
            }
        }
        let changes = updates.flatMap { update -> [String] in
            switch update {
            case .add(let set):
                set.data.map { "update add \(set.key.name.absolute) \(set.ttl) IN \(set.key.type) \($0)" }
            case .deleteSet(let key): ["update delete \(key.name.absolute) IN \(key.type)"]
            case .deleteRecord(let key, let data): ["update delete \(key.name.absolute) IN \(key.type) \(data)"]
            }
        }
        return ["zone \(zone.absolute)"] + needs + changes + ["send"]
    }
}
