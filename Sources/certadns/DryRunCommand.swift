import DNS
import Planning
import Ports
import Reconciler
import Rendering
import Storage

/// `certadns apply --dry-run`: every write that an apply would make now, and which zones it would skip.
struct DryRunCommand {
    let run: PlanRun
    let format: DataFormat

    /// With a `saved` plan its zones are judged as an apply would judge them.
    func run(only: Set<DomainName>?, saved: Plan?) async throws {
        let reader = try await run.wiring.stateReader()
        let wishes = try await run.wishes(only: only, reviewed: saved?.byZone, by: run.wiring.planner(reader))
        let plan = try await run.plan(wishes, reader)
        let reviewed = saved?.byZone ?? [:]
        let known = Dictionary(wishes.map { ($0.zone, $0) }) { first, _ in first }
        var shown: [DryRunReport.Zone] = []
        for zone in plan.zones {
            let moved = reviewed[zone.zone].flatMap { Review.moved(from: $0, to: zone) }
            if let moved {
                shown.append(.init(zone: zone.zone, skipped: moved))
            } else if let wish = known[zone.zone], !zone.steps.isEmpty {
                let ledger = try await reader?.ledger(of: zone.zone)
                shown.append(try await writes(zone, wish, ledger))
            }
        }
        shown += reviewed.keys.filter { known[$0] == nil }.map { .init(zone: $0, skipped: Review.stray) }
        let report = DryRunReport(plan: plan, zones: shown)
        Terminal.print(format == .json ? report.json : report.text(Terminal.style))
        let skips = shown.contains { $0.skipped != nil }
        try ExitStatus.first(.of(plan, detailed: false), skips ? .blocked : .fine).end()
    }

    private func writes(_ zone: ZonePlan, _ wish: ZoneWish, _ ledger: ZoneLedger?) async throws -> DryRunReport.Zone {
        do throws(Failure) {
            let lines = try await run.wiring.describe(zone.steps, wish: wish, ledger: ledger)
            return .init(
                zone: zone.zone, writes: zip(zone.steps, lines).map { .init(resource: $0.resource, lines: $1) })
        } catch {
            return .init(zone: zone.zone, skipped: error.detail)
        }
    }
}
