package import DNS
package import Planning
import Ports

/// Applies many zones side by side; within a zone the order is the safety, across zones there is none.
package struct FleetApplier: Sendable {
    private let applier: Applier
    private let concurrency: Int

    /// A fleet's applier.
    package init(_ applier: Applier, concurrency: Int = 16) {
        self.applier = applier
        self.concurrency = concurrency
    }

    /// Applies each wish; a zone's failure is its own (design, rule 8). Outcomes come sorted by zone.
    ///
    /// With `reviewed` plans, each of their zones ends in an outcome too, and no other zone is touched.
    package func apply(_ wishes: [ZoneWish], reviewed: [DomainName: ZonePlan]?) async -> [ZoneOutcome] {
        await apply(inTurn: [wishes], reviewed: reviewed)
    }

    /// The same, each group only once the one before has ended: what they compete for goes to the earlier one.
    package func apply(inTurn groups: [[ZoneWish]], reviewed: [DomainName: ZonePlan]?) async -> [ZoneOutcome] {
        var outcomes: [ZoneOutcome] = []
        for group in groups { outcomes += await apply(group, reviewed) }
        let known = Set(groups.joined().map(\.zone))
        for zone in (reviewed ?? [:]).keys where !known.contains(zone) {
            outcomes.append(applier.skip(zone, Review.stray))
        }
        return outcomes.sorted { $0.zone < $1.zone }
    }

    private func apply(_ wishes: [ZoneWish], _ reviewed: [DomainName: ZonePlan]?) async -> [ZoneOutcome] {
        await withTaskGroup(of: ZoneOutcome.self) { group in
            var outcomes: [ZoneOutcome] = []
            var rest = wishes[...]
            var running = 0
            while !rest.isEmpty || running > 0 {
                while running < concurrency, let wish = rest.popFirst() {
                    running += 1
                    group.addTask {
                        guard let reviewed else { return await applier.apply(wish, reviewed: nil) }
                        return await applier.apply(wish, reviewed: reviewed[wish.zone] ?? .unreviewed(wish.zone))
                    }
                }
                if let outcome = await group.next() {
                    running -= 1
                    outcomes.append(outcome)
                }
            }
            return outcomes
        }
    }
}
