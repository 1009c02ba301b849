import DNS
import Findings
import MTASTS

extension Stage {
    /// A policy that is enforced for the first time, or again: a host that left MX lately stays listed, since resolvers may lead senders
    /// to it. Only one that stood there as long as a host that comes has to.
    mutating func keepingLeavers(
        _ policy: Policy, _ following: MXFollowing, also: [MXPattern], ledger: ZoneLedger, live: LiveZone,
        at now: Instant
    ) -> Policy {
        let leavers = ledger.mxSeen.filter { seen in
            guard let left = seen.left, left - seen.first >= following.after, now < left + seen.answered else {
                return false
            }
            return !policy.mx.contains { $0.matches(seen.host) }
        }
        if leavers.isEmpty { return policy }
        for seen in leavers { hold(seen.host, until: (seen.left ?? now) + seen.answered, Self.answeredStill) }
        let hosts = (live.mx.value ?? []).map(\.host) + leavers.map(\.host)
        let patterns = Self.patterns(hosts.map { MXPattern(exactly: $0.lowercased) }, also: also)
        return Policy(mode: policy.mode, mx: patterns, maxAge: policy.maxAge)
    }

    /// Whether a host that left MX stays listed. Resolvers answer the old MX records for a while; and as long as a sender may hold a
    /// policy that lists it and not all of today's hosts, a mail administrator may have to go back to it.
    mutating func stays(
        _ pattern: MXPattern, ledger: ZoneLedger, hosts: [DomainName], isWaiting: Bool, at now: Instant
    ) -> Bool {
        let seen = ledger.mailHost(pattern.base)
        // What was only announced, or listed by hand, no cache of MX records can hold. But a history that begins later than the policies
        // that list the host can't tell: it counts as having left now, and the next apply remembers that.
        if seen == nil, ledger.knowsAll(of: pattern.base) { return false }
        if isWaiting {
            holds.append(
                Hold(.policy, "\(pattern) left MX, and stays listed while the hosts that came are not followed"))
            return true
        }
        let answered = (seen?.left ?? now) + (seen?.answered ?? ledger.longestAnswer)
        let needed = ledger.held(at: now).filter { row in
            row.mode == .enforce && row.mx.contains { $0.matches(pattern.base) }
                && hosts.contains { host in !row.mx.contains { $0.matches(host) } }
        }.map { $0.heldUntil(replacedBy: now) }.max()
        let until = max(answered, needed ?? answered)
        guard now < until else {
            tellHole(pattern, ledger: ledger, at: now)
            return false
        }
        hold(
            pattern.base, until: until,
            needed.map { $0 > answered } ?? false
                ? "senders may hold a policy that lists it and not all of today's hosts" : Self.answeredStill)
        return true
    }

    private mutating func hold(_ host: DomainName, until: Instant, _ reason: String) {
        holds.append(Hold(.policy, "\(host) left MX, and stays listed until then: \(reason)", until: until))
    }

    private static var answeredStill: String { "resolvers may still answer the MX records that name it" }

    /// A host goes by a history with a hole in it: who came back and left again meanwhile was seen by nobody.
    private mutating func tellHole(_ pattern: MXPattern, ledger: ZoneLedger, at now: Instant) {
        guard let last = ledger.lastMailLook, now - last > MXSeen.day else { return }
        findings.append(
            Finding(
                .note, .mxHistoryShort,
                "\(pattern) is not listed any more, and nobody looked at the MX records since \(last): if they named it meanwhile, resolvers may still",
                action: "run 'certadns serve' beside the ledger: it looks at them every hour", actor: .operator))
    }
}

extension MXSeen {
    /// For how long resolvers may answer a record that named it and is no more, in seconds: its TTL, as far as it was seen, and a day for
    /// caches that keep things longer than they should. An answer out of a cache shows only what is left of a TTL, so that it counts as a day
    /// at least; and caches keep nothing longer than a week.
    var answered: Int { min(max(Int(ttl ?? 0), Self.day), 7 * Self.day) + Self.day }

    static var day: Int { 86_400 }
}

extension ZoneLedger {
    /// The same for a host of which nothing was seen.
    var longestAnswer: Int { mxSeen.map(\.answered).max() ?? 2 * MXSeen.day }

    /// When somebody last looked at the MX records, within an hour.
    package var lastMailLook: Instant? { mxSeen.map { max($0.last, $0.left ?? $0.last) }.max() }

    /// Whether the history reaches back to where a policy first listed the host: then one that it does not know was never in MX.
    func knowsAll(of host: DomainName) -> Bool {
        guard let begun = mxSeen.map(\.first).min() else { return false }
        return published.filter { $0.mx.contains { !$0.isWildcard && $0.matches(host) } }.allSatisfy {
            begun <= $0.intentAt
        }
    }
}
