import DNS
import Findings
import MTASTS

extension Stage {
    /// What senders may still do by policies that they hold, whatever is published now: which mail hosts they refuse, and until when a
    /// milder or shorter policy does not reach them (RFC 8461 §5.1).
    mutating func tellCaches(_ ledger: ZoneLedger, hosts: [DomainName], isDerived: Bool, at now: Instant) {
        guard let wanted = wanted.policy, let policy = try? Policy.parse(Array(wanted.body.utf8)) else { return }
        let enforced = ledger.held(at: now).filter { $0.mode == .enforce }
        let held = enforced.filter { $0.id != wanted.id }
        // What the manifest itself leaves out is told of the policy; what a policy does not follow yet is told here.
        tellUncovered(hosts, by: isDerived ? enforced : held, at: now)
        let last = held.map { ($0, $0.heldUntil(replacedBy: now)) }.max { ($0.1, $0.0.counter) < ($1.1, $1.0.counter) }
        guard let (row, until) = last else { return }
        if policy.mode != .enforce {
            findings.append(
                Finding(
                    .note, .cacheRemains,
                    "senders may enforce the earlier policy \(row.id) until \(until): 'mode: \(policy.mode.rawValue)' reaches them by then",
                    action: "keep every mail host that it lists until then"))
        } else if held.contains(where: { $0.maxAge > policy.maxAge }) {
            findings.append(
                Finding(
                    .note, .cacheRemains,
                    "senders may hold the earlier policy \(row.id) until \(until), longer than the max_age of \(policy.maxAge) s",
                    action: "count with the shorter max_age only after that"))
        }
    }

    /// A mail host that a held policy does not list gets no mail from whoever holds it.
    private mutating func tellUncovered(_ hosts: [DomainName], by held: [PublishedPolicy], at now: Instant) {
        for host in hosts {
            // What was assumed lists hosts that nobody knows.
            let rows = held.filter { row in !row.mx.isEmpty && !row.mx.contains { $0.matches(host) } }
            guard let row = rows.max(by: { $0.heldUntil(replacedBy: now) < $1.heldUntil(replacedBy: now) }) else {
                continue
            }
            let refusesAll = rows.contains { row in
                !hosts.contains { host in row.mx.contains { $0.matches(host) } }
            }
            let words = refusesAll ? "they refuse all of the domain's mail" : "they use the other hosts alone"
            findings.append(
                Finding(
                    refusesAll ? .error : .warning, .mxNotCached,
                    "senders may hold policy \(row.id) until \(row.heldUntil(replacedBy: now)), which does not list the mail host \(host): \(words)",
                    action: refusesAll
                        ? "put a mail host back that it lists (\(row.mx.map(\.description).joined(separator: ", "))), and announce new ones ahead under 'also:'"
                        : "keep a mail host that it lists until then, and announce new ones ahead under 'also:'",
                    actor: .mailAdmin))
        }
    }
}
