package import Findings

/// The program's exit status, one table for all commands (docs/operations.md); the first that holds wins.
package enum ExitStatus: Int32, Hashable, Sendable, CaseIterable {
    /// Nothing to do, or all done.
    case fine = 0
    /// Nothing could be done: wrong use, unreadable configuration, no store.
    case error = 1
    /// Changes are pending (`plan --detailed-exitcode`, `status`), or drift was found.
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

    /// The status after an apply; `findings` are those that concern no single zone.
    package static func of(_ outcomes: [ZoneOutcome], findings: [Finding] = []) -> ExitStatus {
        let failed = outcomes.count { $0.kind == .failed || $0.kind == .notStarted }
        let busy = outcomes.count { $0.isBusy }
        // Where nothing but leases stood in the way, another run is doing the work: nothing is wrong.
        if failed > 0, failed == outcomes.count, busy < failed { return .error }
        if busy > 0 { return .busy }
        if failed > 0 { return .partial }
        let isLeft = outcomes.contains { $0.kind == .blocked || $0.kind == .skipped || $0.errors > 0 }
        return isLeft || hasError(findings) ? .blocked : .fine
    }

    /// The status of a look at how zones stand.
    package static func of(_ statuses: [ZoneStatus], findings: [Finding] = []) -> ExitStatus {
        let unread = statuses.count { $0.isUnread }
        if unread > 0 { return unread == statuses.count ? .error : .partial }
        let needsPerson = statuses.contains {
            [.blocked, .degraded, .lost].contains($0.state) || hasError($0.errors)
        }
        if needsPerson || hasError(findings) { return .blocked }
        return statuses.contains { $0.state == .drifted || $0.state == .pending } ? .changes : .fine
    }

    /// Of two statuses the one that a command ends with: the first of 1, 5, 4, 3, 2, 0.
    package static func first(_ one: ExitStatus, _ other: ExitStatus) -> ExitStatus {
        [.error, .busy, .partial, .blocked, .changes].first { $0 == one || $0 == other } ?? .fine
    }

    private static func hasError(_ findings: [Finding]) -> Bool { findings.contains { $0.severity == .error } }

    private static func needsPerson(_ plan: Plan) -> Bool {
        hasError(plan.findings) || plan.zones.contains { $0.verdict == .blocked || hasError($0.findings) }
    }
}
