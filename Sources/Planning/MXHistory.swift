import DNS
import Findings
import MTASTS

extension ZoneLedger {
    /// What the ledger has to learn of the mail hosts that a look found: who is there, once an hour, and who is there no longer. What
    /// could not be read says nothing of who left (design, rule 10).
    package func mailHostEvents(in look: LiveZone, at now: Instant) -> [LedgerEvent] {
        let hosts: [DomainName]
        switch look.mx {
        case .value(let records): hosts = records.map(\.host)
        case .absent: hosts = []
        case .unknown: return []
        }
        let live = hosts.filter { look.lacking($0).isEmpty }
        var events: [LedgerEvent] = []
        let ttl = ([look.mxTTL] + (look.mailServers ?? []).map(\.ttl)).compactMap { $0 }.max()
        // A TTL that grew is news at once: who leaves within the hour is answered under it.
        let fresh = mxSeen.filter { $0.left == nil && now - $0.last < 3_600 && (ttl ?? 0) <= ($0.ttl ?? 0) }.map(\.host)
        let seen = live.filter { !fresh.contains($0) }
        if !seen.isEmpty { events.append(.mxSeen(seen, ttl: ttl)) }
        // A host that some server does not name has not come yet, and its time begins anew. One that a policy lists is there already: no
        // server's silence takes it away.
        let gone = mxSeen.filter { seen in
            seen.left == nil && !live.contains(seen.host)
                && (!hosts.contains(seen.host) || !published.contains { $0.mx.contains { $0.matches(seen.host) } })
        }.map(\.host)
        // What a policy lists and the history is too short to know counts as having left when it is first missed.
        let unseen = (applied.policy?.body).flatMap { try? Policy.parse(Array($0.utf8)) }?.mx.filter { pattern in
            !pattern.isWildcard && mailHost(pattern.base) == nil && !hosts.contains(pattern.base)
                && !knowsAll(of: pattern.base)
        }.map(\.base)
        let missed = gone + (unseen ?? [])
        if !missed.isEmpty { events.append(.mxLeft(missed)) }
        return events
    }

    /// The history of one mail host.
    func mailHost(_ host: DomainName) -> MXSeen? { mxSeen.first { $0.host == host } }
}

extension Stage {
    /// Before a first policy: MX records that moved lately may move again, and a policy that must follow them is a risk of its own. Plans
    /// write no history, so that they say where it is too short to tell.
    mutating func tellHistory(_ sts: MTASTSDesire?, ledger: ZoneLedger, hosts: [DomainName], at now: Instant) {
        guard let sts, sts.mode != .none, ledger.applied.policy == nil, !ledger.wasAnnounced, !hosts.isEmpty else {
            return
        }
        let wanted = (sts.following ?? .usual).stableFor
        guard wanted > 0 else { return }
        let since = now + -wanted
        let begun = ledger.mxSeen.map(\.first).min()
        var changes = ledger.mxSeen.filter { seen in seen.left.map { $0 > since } ?? false }.map { seen in
            "\(seen.host) left by \(seen.left ?? now)"
        }
        if let begun {
            changes += hosts.filter { host in
                let first = ledger.mailHost(host)?.first ?? now
                return first > since && first > begun
            }.map { "\($0) came by \(ledger.mailHost($0)?.first ?? now)" }
        }
        if !changes.isEmpty {
            findings.append(
                Finding(
                    .warning, .mxUnstable,
                    "the MX records changed within the last \(MXFollowing.words(wanted)): \(changes.joined(separator: ", "))",
                    action: "let them stand still before the first policy, or set 'stable_for' under 'mx'",
                    actor: .mailAdmin))
        } else if begun.map({ $0 > since }) ?? true {
            let seen = begun.map { "were seen only since \($0)" } ?? "were not seen before"
            findings.append(
                Finding(
                    .note, .mxHistoryShort,
                    "the MX records \(seen), so whether they stood still for \(MXFollowing.words(wanted)) can't be told",
                    action: "begin with 'mode: testing'; every 'apply' remembers the mail hosts that it sees"))
        }
    }
}
