import DNS
package import Planning
import Ports

/// Goes through every step and says the exact writes, without one.
package enum DryRun {
    /// Each step of a zone with its lines.
    package static func lines(
        _ plan: ZonePlan, readers: ZoneReaders, writers: ZoneWriters, now: Instant
    ) async -> [(step: Step, lines: [String])] {
        let executor = StepExecutor(zone: plan.zone, readers: readers, writers: writers, now: now)
        var all: [(step: Step, lines: [String])] = []
        for step in plan.steps { all.append((step, await executor.describe(step))) }
        return all
    }
}
