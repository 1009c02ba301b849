package import DNS
package import Findings

/// Compares what shall stand at one owner name with what was applied and what is live. Knows nothing of stages.
package enum OwnerDiff: Hashable, Sendable {
    /// Nothing to do.
    case same
    /// One compare-and-set, with its causes and words.
    case change(RecordChange, verb: Step.Verb, causes: [Cause], reason: String, notes: [Finding])
    /// Nothing is wanted there, and what stands there is not what we made: it stays.
    case left(Finding)
    /// Someone else's record set stands there.
    case blocked(Finding)
    /// It can't be told what stands there.
    case unknown(Finding)
}

/// The three states of one owner name.
package struct OwnerStates: Hashable, Sendable {
    /// The owner.
    package var owner: DomainName
    /// The types that we look at there.
    package var types: [RecordType]
    /// What shall stand there.
    package var wanted: [RecordSet]
    /// What we last applied there; `nil` without any ledger.
    package var applied: [RecordSet]?
    /// What steps were about to leave there whose outcome was never seen: where it stands, it is ours.
    package var begun: [[RecordSet]]
    /// Record sets of others may be taken over.
    package var adopt: Bool
    /// The zone was applied in full before: what `adopt` allowed is spent.
    package var isKnown: Bool

    /// Three states.
    package init(
        owner: DomainName, types: [RecordType], wanted: [RecordSet], applied: [RecordSet]?, begun: [[RecordSet]] = [],
        adopt: Bool, isKnown: Bool = false
    ) {
        self.owner = owner
        self.types = types
        self.wanted = wanted
        self.applied = applied
        self.begun = begun
        self.adopt = adopt
        self.isKnown = isKnown
    }

    /// Three-way comparison (design: "Three-way comparison").
    package func diff(live: LiveZone) -> OwnerDiff {
        var seen: [RecordSet] = []
        var hidden: [String] = []
        for type in types {
            switch live[RecordKey(name: owner, type: type)] {
            case .value(let set): seen.append(set)
            case .absent(.plain): break
            case .absent(.coveredByWildcard(let data)):
                // Our own record set can equal the wildcard's; nobody can tell the two apart, and nothing hangs on it.
                if let ours = applied?.first(where: { $0.key.type == type && $0.data.map(\.description) == data }) {
                    seen.append(ours)
                } else {
                    hidden += data
                }
            case .unknown(let unknown): return .unknown(.unreadable(owner, type, unknown))
            }
        }
        if Set(seen) == Set(wanted) { return .same }
        // A name that we neither want nor hold is nobody's business of ours.
        if wanted.isEmpty, (applied ?? []).isEmpty, !wasBegun(seen) { return .same }
        if wanted.isEmpty, !seen.isEmpty, Set(seen) != Set(applied ?? []), !wasBegun(seen) {
            return .left(.stays(seen, at: owner))
        }
        if let conflict = conflict(seen) { return .blocked(conflict) }
        let present = Set(seen.map(\.key.type))
        let change = RecordChange(
            owner: owner, expecting: seen, absent: types.filter { !present.contains($0) }, writing: wanted)
        let notes = hidden.isEmpty ? [] : [Finding.hides(hidden, at: owner)]
        return .change(change, verb: verb(seen), causes: causes(seen), reason: reason(seen), notes: notes)
    }

    /// Design, rule 7: what we did not create is not touched without `adopt`, which counts until the zone was first applied in full.
    private func conflict(_ seen: [RecordSet]) -> Finding? {
        guard !seen.isEmpty else { return nil }
        let wasOurs = !(applied ?? []).isEmpty
        if wasOurs || wasBegun(seen) {
            // A name of ours turned into an alias is somebody else's act on purpose, not an edit to be put right unasked.
            let alias = seen.first { $0.key.type == .cname }
            guard let alias, ![wanted, applied ?? []].joined().contains(where: { $0.key.type == .cname }) else {
                return stranger(among: seen).map { .several(seen, at: owner, not: $0) }
            }
            return .aliasInPlace(of: alias)
        }
        if adopt, !isKnown { return nil }
        if RecordConflict.count(seen) > 1 { return .several(seen, at: owner, isKnown: isKnown) }
        let foreignAlias = seen.first { $0.key.type == .cname && !wanted.contains { $0.key.type == .cname } }
        return foreignAlias.map { .alias($0, isKnown: isKnown) } ?? .unmanaged(seen, at: owner, isKnown: isKnown)
    }

    /// What somebody put beside a record of ours that still stands: an edit is put right, an addition is somebody's.
    private func stranger(among seen: [RecordSet]) -> RecordData? {
        guard RecordConflict.count(seen) > 1 else { return nil }
        let ours = Set(([wanted, applied ?? []] + begun).joined().flatMap(\.data))
        let data = seen.flatMap(\.data)
        guard data.contains(where: ours.contains) else { return nil }
        return data.first { RecordConflict.isRecord($0) && !ours.contains($0) }
    }

    /// Whether a step that was begun left exactly this.
    private func wasBegun(_ seen: [RecordSet]) -> Bool { begun.contains { Set($0) == Set(seen) } }

    private func verb(_ seen: [RecordSet]) -> Step.Verb {
        if wanted.isEmpty { return .delete }
        return seen.isEmpty ? .create : .change
    }

    private func causes(_ seen: [RecordSet]) -> [Cause] {
        guard let applied else { return [.commit] }
        var causes: [Cause] = []
        if Set(applied) != Set(wanted) { causes.append(.commit) }
        if Set(applied) != Set(seen), !applied.isEmpty, !wasBegun(seen) { causes.append(.drift) }
        return causes.isEmpty ? [.commit] : causes
    }

    private func reason(_ seen: [RecordSet]) -> String {
        let causes = causes(seen)
        if causes == [.drift] {
            return seen.isEmpty
                ? "what was last applied here is gone: someone removed it outside git"
                : "someone changed it outside git since it was last applied"
        }
        if causes.contains(.drift) { return "the manifest changed, and someone changed it outside git too" }
        if wasBegun(seen) { return "an earlier run began this and did not see its end" }
        if wanted.isEmpty { return "the manifest no longer asks for it" }
        return seen.isEmpty ? "the manifest asks for it and nothing is there" : "the manifest asks for another value"
    }
}

extension Finding {
    static func unreadable(_ owner: DomainName, _ type: RecordType, _ unknown: Unknown) -> Finding {
        Finding(
            .error, .dnsUnknown, "what stands at \(owner) \(type) could not be read: \(unknown.reason)",
            action: "mend that and run again; nothing is changed at this name until then", actor: .operator)
    }

    fileprivate static func hides(_ data: [String], at owner: DomainName) -> Finding {
        Finding(
            .note, .wildcardHidden,
            "a wildcard answers for \(owner) now (\(data.joined(separator: ", "))); the new record hides it",
            action: "nothing, if nobody relies on that answer")
    }

    fileprivate static func stays(_ seen: [RecordSet], at owner: DomainName) -> Finding {
        let lines = seen.flatMap(\.lines).joined(separator: "; ")
        return Finding(
            .note, .unmanaged, "at \(owner) stands what we did not make, so it stays: \(lines)",
            action: "remove it by hand, if nobody needs it")
    }
}
