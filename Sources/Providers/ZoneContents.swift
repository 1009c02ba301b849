import DNS
import Planning

/// A whole zone in hand, from a file or a transfer, and what it says of one record set.
struct ZoneContents {
    let zone: DomainName
    let sets: [RecordKey: RecordSet]
    /// Where it was found, for people.
    private let place: String
    /// Every name that exists, the empty non-terminals among them (RFC 4592 §2.2.2).
    private let existing: Set<DomainName>
    private let cuts: Set<DomainName>

    init(zone: DomainName, records: [ResourceRecord], place: String) {
        self.zone = zone
        self.place = place
        sets = RecordSet.grouping(records)
        var existing: Set<DomainName> = [zone]
        for key in sets.keys {
            var name: DomainName? = key.name
            while let current = name, current.isSame(orBelow: zone), existing.insert(current).inserted {
                name = current.parent
            }
        }
        self.existing = existing
        cuts = Set(sets.keys.filter { $0.type == .ns && $0.name != zone }.map(\.name))
    }

    /// What stands at `key`; a wildcard's answer is absent, covered by it (RFC 4592); below a delegation nothing is known.
    func observation(of key: RecordKey) -> Observation<RecordSet> {
        if let child = delegation(above: key.name) {
            return .unknown(
                Unknown("\(place) delegates \(child), so it can't say what stands at \(key.name)", passing: false))
        }
        if let set = sets[key] { return .value(set) }
        return covering(key).map { .absent(.coveredByWildcard($0.data.map(\.description))) } ?? .absent(.plain)
    }

    /// The child zone that `name` belongs to, if it does.
    func delegation(above name: DomainName) -> DomainName? {
        guard !cuts.isEmpty else { return nil }
        var current: DomainName? = name
        while let name = current, name != zone {
            if cuts.contains(name) { return name }
            current = name.parent
        }
        return nil
    }

    /// The wildcard at the closest encloser, if the name itself does not exist.
    private func covering(_ key: RecordKey) -> RecordSet? {
        guard !existing.contains(key.name) else { return nil }
        var encloser = key.name.parent
        while let name = encloser, !existing.contains(name) { encloser = name.parent }
        guard let wildcard = try? encloser?.prepending("*") else { return nil }
        return sets[RecordKey(name: wildcard, type: key.type)]
    }
}
