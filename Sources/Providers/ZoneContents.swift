import DNS
import Planning

/// A whole zone in hand, from a file or a transfer, and what it says of one record set.
struct ZoneContents {
    private let tree: ZoneTree
    /// Where it was found, for people.
    private let place: String

    var sets: [RecordKey: RecordSet] { tree.sets }

    init(zone: DomainName, records: [ResourceRecord], place: String) {
        self.place = place
        tree = ZoneTree(apex: zone, sets: RecordSet.grouping(records))
    }

    /// What stands at `key`; a wildcard's answer is absent, covered by it (RFC 4592); below a delegation nothing is known.
    func observation(of key: RecordKey) -> Observation<RecordSet> {
        if let child = delegation(above: key.name) {
            return .unknown(
                Unknown("\(place) delegates \(child), so it can't say what stands at \(key.name)", passing: false))
        }
        if let set = sets[key] { return .value(set) }
        guard let source = tree.source(of: key.name), source != key.name,
            let set = sets[RecordKey(name: source, type: key.type)]
        else { return .absent(.plain) }
        return .absent(.coveredByWildcard(set.data.map(\.description)))
    }

    /// The child zone that `name` belongs to, if it does.
    func delegation(above name: DomainName) -> DomainName? { tree.delegation(above: name) }
}
