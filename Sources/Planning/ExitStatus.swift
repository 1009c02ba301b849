import Findings

/// The program's exit status, one table for all commands (docs/operations.md); the first that holds wins.
package enum ExitStatus: Int32, Hashable, Sendable, CaseIterable {
    /// Nothing to do, or all done.
    case fine = 0
    /// Nothing could be done: wrong use, unreadable configuration, no store.
    case error = 1
    /// Changes are pending (with `--detailed-exitcode`), or drift was found.
    case changes = 2
    /// A person is needed.
    case blocked = 3
    /// Some zones failed or could not be read, the others are done.
    case partial = 4
    /// The lease was not had.
    case busy = 5

    /// A plan's status. A zone that could not be read is never 0 (design, rule 10).
    package static func of(_ plan: Plan, detailed: Bool) -> ExitStatus {
        let unknown = plan.zones.count { $0.verdict == .unknown }
        if unknown > 0 { return unknown == plan.zones.count ? .error : .partial }
        if needsPerson(plan) { return .blocked }
        return detailed && plan.zones.contains { !$0.steps.isEmpty } ? .changes : .fine
    }

    /// The status after an apply.
    package static func of(_ outcomes: [ZoneOutcome]) -> ExitStatus {
        let failed = outcomes.count { $0.kind == .failed || $0.kind == .notStarted }
        if failed > 0, failed == outcomes.count { return .error }
        if outcomes.contains(where: { $0.isBusy }) { return .busy }
        if failed > 0 { return .partial }
        return outcomes.contains { $0.kind == .blocked || $0.kind == .skipped } ? .blocked : .fine
    }

    private static func needsPerson(_ plan: Plan) -> Bool {
        let findings = plan.findings + plan.zones.flatMap(\.findings)
        return plan.zones.contains { $0.verdict == .blocked } || findings.contains { $0.severity == .error }
    }
}
