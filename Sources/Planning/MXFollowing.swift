import DNS
import Findings
import MTASTS

/// How a policy that is enforced follows MX records that move.
package struct MXFollowing: Hashable, Sendable, Codable {
    /// By itself after a time, or by a person.
    package var way: Way
    /// For how many seconds a new host must have been seen.
    package var after: Int
    /// For how many seconds the MX records should have stood still before the first policy.
    package var stableFor: Int

    /// Who lets a new mail host in.
    package enum Way: String, Hashable, Sendable, Codable {
        /// Time alone.
        case auto
        /// A person, with `apply --only mx`.
        case ask
    }

    /// All choices at once.
    package init(way: Way, after: Int, stableFor: Int) {
        self.way = way
        self.after = after
        self.stableFor = stableFor
    }

    /// By itself after an hour; a week before the first policy.
    package static let usual = MXFollowing(way: .auto, after: 3_600, stableFor: 604_800)

    /// A time in its largest whole unit.
    static func words(_ seconds: Int) -> String {
        let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]
        guard let (size, unit) = units.first(where: { seconds >= $0.0 && seconds % $0.0 == 0 }) else {
            return "0 seconds"
        }
        return "\(seconds / size) \(unit)\(seconds == size ? "" : "s")"
    }
}

extension MXDesire {
    /// Whether the patterns follow the MX records.
    package var isDerived: Bool { if case .derived = self { true } else { false } }
}

extension DesiredZone {
    /// Without what only says how MX records are followed: a change of that is none of the policy.
    var withoutFollowing: DesiredZone {
        var copy = self
        copy.mtaSTS?.following = nil
        return copy
    }
}

extension Stage {
    /// The policy that may be published now where `policy` lists the mail hosts as they are: one that is enforced already takes a new
    /// host in only once it was seen for long enough and proved its name, or by a person's hand, and lets one that left go only once nobody can
    /// need it.
    mutating func following(
        _ policy: Policy, sts: MTASTSDesire?, ledger: ZoneLedger?, live: LiveZone,
        isByHand: Bool, now: Instant
    ) -> Policy {
        guard policy.mode == .enforce, let sts, case .derived(let also) = sts.mx, let ledger else { return policy }
        let following = sts.following ?? .usual
        // What a run that was killed put on the host counts as out, too: senders may have fetched it.
        let bodies = [ledger.applied.policy?.body, live.hosted.value].compactMap { $0 }
        guard
            let out = bodies.compactMap({ try? Policy.parse(Array($0.utf8)) }).first(where: { $0.mode == .enforce })
        else { return keepingLeavers(policy, following, also: also, ledger: ledger, live: live, at: now) }
        let hosts = (live.mx.value ?? []).map(\.host)
        let added = hosts.map(\.lowercased).filter { host in
            !out.mx.contains { $0.matches(host) } && !also.contains { $0.matches(host) }
        }
        let waiting = added.filter { host in
            guard !isByHand else { return false }
            guard following.way == .auto, let seen = ledger.mailHost(host), seen.left == nil,
                live.lacking(host).isEmpty, live.verdict(on: host) == .valid
            else { return true }
            return now < seen.first + following.after
        }
        for host in waiting { tellMoved(host, following, seen: ledger.mailHost(host), live: live, at: now) }
        let staying = out.mx.filter { pattern in
            guard !pattern.isWildcard, !policy.mx.contains(pattern) else { return false }
            return stays(pattern, ledger: ledger, hosts: hosts, isWaiting: !waiting.isEmpty, at: now)
        }
        let derived = hosts.map { MXPattern(exactly: $0.lowercased) }.filter { !waiting.contains($0.base) }
        let patterns = Self.patterns(derived + staying, also: also)
        return Policy(mode: policy.mode, mx: patterns.isEmpty ? out.mx : patterns, maxAge: policy.maxAge)
    }

    /// Always in one order, so that the same hosts make the same body.
    static func patterns(_ derived: [MXPattern], also: [MXPattern]) -> [MXPattern] {
        var known: Set<MXPattern> = []
        return (derived.sorted() + also).filter { known.insert($0).inserted }
    }

    /// An enforced policy that leaves out every mail host would have all mail refused: it is not published. The manifest's own patterns
    /// were judged with the goal.
    static func coverBlock(
        of policy: Policy, hosts: [DomainName], isNew: Bool, sts: MTASTSDesire?, waived: Set<FindingCode>
    ) -> Finding? {
        guard policy.mode == .enforce, isNew, sts?.mx.isDerived ?? false, !hosts.isEmpty,
            !waived.contains(.mxNotInPolicy),
            !hosts.contains(where: { host in policy.mx.contains { $0.matches(host) } })
        else { return nil }
        return Finding(
            .error, .mxNotInPolicy,
            "the enforced policy that is due lists none of the domain's mail hosts: \(hosts.map(\.description).joined(separator: ", "))",
            action: "put a listed host back, or run 'certadns apply --only mx' if the new ones are yours",
            actor: .mailAdmin)
    }

    /// From when MX may be moved to the hosts that are announced: as long as a sender may hold an enforced policy without them, they
    /// would be refused by it.
    mutating func tellAnnounced(_ sts: MTASTSDesire?, ledger: ZoneLedger, hosts: [DomainName], at now: Instant) {
        guard let sts, case .derived(let also) = sts.mx, sts.mode == .enforce else { return }
        for pattern in also where !hosts.contains(where: { pattern.matches($0) }) {
            let lacking = ledger.held(at: now).filter { row in
                row.mode == .enforce && !row.mx.isEmpty && !row.mx.contains { $0.covers(pattern) }
            }
            let last = lacking.map { ($0.id, $0.heldUntil(replacedBy: now)) }.max { $0.1 < $1.1 }
            let when =
                last.map { "from \($0.1) on: until then senders may hold policy \($0.0), which does not list it" }
                ?? "at any time: every policy that senders may hold lists it"
            findings.append(
                Finding(
                    .note, .mxAnnounced, "MX may be moved to \(pattern) \(when)",
                    action: last == nil
                        ? "keep the old hosts listed until the plan says that they may go"
                        : "keep the old hosts in MX until then; a shorter max_age now makes the next move sooner",
                    actor: .mailAdmin))
        }
    }
}

extension MXPattern {
    /// Whether every host that `other` stands for is matched.
    fileprivate func covers(_ other: MXPattern) -> Bool { self == other || !other.isWildcard && matches(other.base) }
}
