import DNS
import Foundation
import Planning
import Ports
import Reconciler
import Rendering
import Storage

/// Runs an apply from the command line or from the loop of `up`.
struct ApplyRunner: Sendable {
    let run: PlanRun
    let format: OutputFormat

    /// Applies the chosen zones and prints events and outcomes.
    func apply(only: Set<DomainName>?, reviewed: Plan?) async throws -> [ZoneOutcome] {
        try await StopSignal.during { stop in
            let store = try run.wiring.store()
            defer { try? store.close() }
            return try await apply(only: only, reviewed: reviewed, store: store, isStopping: { stop.isStopping })
        }
    }

    /// Applies through an open store.
    func apply(
        only: Set<DomainName>?, reviewed: Plan?, store: SQLiteStore, isStopping: @escaping @Sendable () -> Bool
    ) async throws -> [ZoneOutcome] {
        let planner = FleetPlanner(ledger: store) { wish, ledger in
            run.wiring.readers(store, dns: run.wiring.dnsReader(wish, ledger))
        }
        let wishes = try await planner.wishes(run.project.wishes, only: only)
        try PlanRun.check(only, against: wishes)
        let progress = ProgressLine(total: wishes.count)
        let applier = Applier(store: store, planner: planner, run: applyRun(isStopping, progress)) {
            wish, ledger async throws(Failure) in
            let dns = try run.wiring.dnsWriter(wish, ledger)
            let readers = run.wiring.readers(store, dns: dns)
            return (readers, ZoneWriters(dns: dns, policies: store, keys: store, issuer: try run.wiring.issuer()))
        }
        let plans = reviewed.map { plan in Dictionary(plan.zones.map { ($0.zone, $0) }) { first, _ in first } }
        let outcomes = await FleetApplier(applier).apply(wishes, reviewed: plans)
        progress.end()
        Terminal.print(
            format == .json ? JSONLines.summary(outcomes) : OutcomeText(Terminal.style).summary(outcomes) + "\n")
        return outcomes
    }

    private func applyRun(_ isStopping: @escaping @Sendable () -> Bool, _ progress: ProgressLine) -> ApplyRun {
        let text = OutcomeText(Terminal.style)
        let isJSON = format == .json
        return ApplyRun(
            owner: Self.owner(), commit: run.project.commit,
            sleep: { try await Task.sleep(for: .milliseconds($0)) }, jitter: { Double.random(in: 0..<1) },
            isStopping: isStopping,
            tell: { event in
                progress.show(isJSON ? JSONLines.event(event) : text.render(event).map { $0 + "\n" }, after: event)
            })
    }

    private static func owner() -> LeaseOwner {
        let process = ProcessInfo.processInfo
        return LeaseOwner(
            who: process.environment["USER"] ?? "uid \(getuid())",
            runner: "\(process.hostName):\(process.processIdentifier)",
            command: (process.arguments.dropFirst().first).map { "certadns \($0)" } ?? "certadns")
    }
}

/// Events and outcomes as lines of JSON.
enum JSONLines {
    static func event(_ event: ApplyEvent) -> String {
        switch event {
        case .began(let zone, let steps): line(["event": "began", "zone": "\(zone)", "steps": "\(steps)"])
        case .step(let zone, let step): line(["event": "step", "zone": "\(zone)", "resource": step.resource.rawValue])
        case .retrying(let zone, let step, let reason, _):
            line(["event": "retrying", "zone": "\(zone)", "resource": step.resource.rawValue, "reason": reason])
        case .done(let zone, let step): line(["event": "done", "zone": "\(zone)", "resource": step.resource.rawValue])
        case .ended(let outcome):
            line([
                "event": "ended", "zone": "\(outcome.zone)", "outcome": outcome.kind.rawValue, "detail": outcome.detail,
            ])
        }
    }

    static func summary(_ outcomes: [ZoneOutcome]) -> String {
        let zones = outcomes.map { outcome in
            "{\"zone\": \(JSONText.string("\(outcome.zone)")), \"outcome\": \(JSONText.string(outcome.kind.rawValue)), "
                + "\"detail\": \(JSONText.string(outcome.detail)), \"steps_done\": \(outcome.stepsDone)}"
        }
        return "{\"event\": \"summary\", \"zones\": [\(zones.joined(separator: ", "))]}\n"
    }

    private static func line(_ fields: KeyValuePairs<String, String>) -> String {
        "{" + fields.map { "\(JSONText.string($0)): \(JSONText.string($1))" }.joined(separator: ", ") + "}\n"
    }
}
