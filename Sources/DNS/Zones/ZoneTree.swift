/// One zone's names: which exist, which are delegated away, and which wildcard speaks for the others.
package struct ZoneTree: Sendable {
    /// The zone.
    package let apex: DomainName
    /// Its record sets, glue and delegations included.
    package let sets: [RecordKey: RecordSet]
    /// Every name that exists, the empty non-terminals among them (RFC 4592 §2.2.2).
    private let existing: Set<DomainName>
    private let cuts: Set<DomainName>

    /// The tree over `sets`; what lies outside `apex` makes no name exist.
    package init(apex: DomainName, sets: [RecordKey: RecordSet]) {
        self.apex = apex
        self.sets = sets
        var existing: Set<DomainName> = [apex]
        for key in sets.keys {
            var name: DomainName? = key.name
            while let current = name, current.isSame(orBelow: apex), existing.insert(current).inserted {
                name = current.parent
            }
        }
        self.existing = existing
        cuts = Set(sets.keys.filter { $0.type == .ns && $0.name != apex }.map(\.name))
    }

    /// The name whose records answer for `owner`: itself where it exists, else the wildcard at its closest encloser (RFC 4592
    /// §3.3.1); `nil` where there is neither.
    package func source(of owner: DomainName) -> DomainName? {
        if existing.contains(owner) { return owner }
        var encloser = owner.parent
        while let current = encloser, !existing.contains(current) { encloser = current.parent }
        guard let wildcard = try? encloser?.prepending("*"), existing.contains(wildcard) else { return nil }
        return wildcard
    }

    /// The child zone that `name` belongs to, if it does.
    package func delegation(above name: DomainName) -> DomainName? {
        guard !cuts.isEmpty else { return nil }
        var current: DomainName? = name
        while let name = current, name != apex {
            if cuts.contains(name) { return name }
            current = name.parent
        }
        return nil
    }
}
