import DNS
import Foundation
import Planning
import Ports
import Reconciler
import RemoteState
import Rendering
import Storage

/// Runs an apply from the command line or from the loop of `up`.
struct ApplyRunner: Sendable {
    let run: PlanRun
    let report: ApplyReport
    /// How long a zone's lease is waited for, in seconds.
    var lockTimeout = 0

    /// Applies the chosen zones and prints events and outcomes. With a `reviewed` plan its zones are the chosen ones, and only
    /// its steps run.
    func apply(only: Set<DomainName>?, reviewed: Plan?) async throws -> [ZoneOutcome] {
        let stop = StopSignal()
        return try await stop.during(
            onHang: { [report] in ExitStatus.of(ifAny: report.stopAtOnce()) },
            body: {
                if let remote = try run.wiring.remote() {
                    try await remote.reader.checkSkew(Wiring.now)
                    let applying = Applying(
                        remote, run: applyRun { stop.isStopping }, budget: try run.wiring.budget(remote),
                        by: run.wiring)
                    return try await apply(only: only, reviewed: reviewed, by: applying)
                }
                let store = try await run.wiring.store()
                defer { try? store.close() }
                try await run.wiring.checkLastEntry(store)
                return try await apply(
                    only: only, reviewed: reviewed, store: store, isStopping: { stop.isStopping })
            })
    }

    /// Applies through an open store.
    func apply(
        only: Set<DomainName>?, reviewed: Plan?, store: any StateStore, isStopping: @escaping @Sendable () -> Bool
    ) async throws -> [ZoneOutcome] {
        let wiring = run.wiring
        let applying = Applying(
            store, for: .changes, run: applyRun(isStopping), budget: try wiring.budget(store), by: { wiring })
        // What a killed run left beside the keys harms nobody, so that failing at it ends no run; the next one tries again.
        _ = try? await store.tidyKeys()
        return try await apply(only: only, reviewed: reviewed, by: applying)
    }

    private func apply(only: Set<DomainName>?, reviewed: Plan?, by applying: Applying) async throws -> [ZoneOutcome] {
        let planner = applying.planner
        let plans = reviewed?.byZone
        var wishes = try await run.wishes(only: only, reviewed: plans, by: planner)
        if plans == nil { wishes = try await planner.limiting(wishes, now: Wiring.now()) }
        report.begin(plans?.keys.sorted() ?? wishes.map(\.zone))
        let outcomes = await FleetApplier(applying.applier).apply(
            inTurn: try await planner.inOrderOfNeed(wishes), reviewed: plans)
        report.end(outcomes)
        return outcomes
    }

    private func applyRun(_ isStopping: @escaping @Sendable () -> Bool) -> ApplyRun {
        ApplyRun(
            commit: run.project.commit, lockTimeout: lockTimeout, isStopping: isStopping,
            tell: { [report] in report.hear($0) })
    }
}

extension LeaseOwner {
    /// This process, for those who wait for it and for the audit trail.
    static func thisProcess() -> LeaseOwner {
        let process = ProcessInfo.processInfo
        return LeaseOwner(
            who: process.environment["USER"] ?? "uid \(getuid())",
            runner: "\(process.hostName):\(process.processIdentifier)",
            command: (process.arguments.dropFirst().first).map { "certadns \($0)" } ?? "certadns")
    }
}

extension ExitStatus {
    /// The status of a run that was stopped: without any zone nothing could be done.
    static func of(ifAny outcomes: [ZoneOutcome]) -> ExitStatus { outcomes.isEmpty ? .error : .of(outcomes) }
}
