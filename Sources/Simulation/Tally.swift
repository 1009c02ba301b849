import Planning

/// What schedules met, summed over all of them.
package struct Tally: Hashable, Sendable {
    /// Messages, and those of them sent by what was fetched before the last change.
    package var deliveries = 0
    package var staleDeliveries = 0
    /// Runs, and runs that were killed before, within and after a step of a kind.
    package var runs = 0
    package var killed: [String: Int] = [:]
    /// What became of holds, by what waits: begun, ended by time, overtaken by a commit.
    package var holds: [String: Int] = [:]
    /// Looks at every name server that found one behind or silent, and runs whose lease another took.
    package var looks: [String: Int] = [:]

    /// Counts a fate of these.
    mutating func count(_ fated: [Hold], _ fate: String) {
        for kind in Set(fated.map(\.resource.rawValue)) { holds["\(fate) \(kind)", default: 0] += 1 }
    }

    /// Adds what another schedule met.
    package mutating func add(_ other: Tally) {
        deliveries += other.deliveries
        staleDeliveries += other.staleDeliveries
        runs += other.runs
        killed.merge(other.killed, uniquingKeysWith: +)
        looks.merge(other.looks, uniquingKeysWith: +)
        holds.merge(other.holds, uniquingKeysWith: +)
    }
}

extension Tally {
    /// The kinds of steps that a zone's life has.
    private static let steps = [
        "create tls-rpt-record", "create policy-host", "issue certificate", "create policy", "create mta-sts-record",
        "change policy", "change mta-sts-record", "renew certificate", "delete mta-sts-record", "delete policy",
        "delete policy-host", "delete certificate", "delete tls-rpt-record",
    ]

    /// What waits in it, for time or for a commit.
    private static let holds = ["policy", "mta-sts-record", "policy-host"]

    /// What a campaign that proves something has met, and this one has not: each kind of step killed before, within and after, each fate
    /// of a hold, a thousand messages by what was older than the last change.
    var missed: [String] {
        let steps = Self.steps.flatMap { step in ["before", "within", "after"].map { "\($0) \(step)" } }
        let fates = ["begun", "ended", "overtaken"].flatMap { fate in Self.holds.map { "\(fate) \($0)" } }
        let seen = ["lagging", "silent", "overtaken", "swept", "half a list", "covered by a wildcard"]
        var missed = steps.filter { killed[$0, default: 0] == 0 }.map { "a kill \($0)" }
        missed += fates.filter { holds[$0, default: 0] == 0 }.map { "a hold \($0)" }
        missed += seen.filter { looks[$0, default: 0] == 0 }.map { "what was \($0)" }
        if staleDeliveries < 1_000 { missed.append("a thousand messages by older caches") }
        return missed
    }
}
