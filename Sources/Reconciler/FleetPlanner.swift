package import DNS
package import Planning
package import Ports

/// Plans many zones side by side: look, then decide, each zone for itself (design, rule 8).
package struct FleetPlanner: Sendable {
    private let ledger: (any LedgerReader)?
    private let readers: @Sendable (ZoneWish, ZoneLedger?) -> ZoneReaders
    private let concurrency: Int

    /// A planner. `readers` gives each zone its ports; without a `ledger` the comparison is two-way.
    package init(
        ledger: (any LedgerReader)?, concurrency: Int = 64,
        readers: @escaping @Sendable (ZoneWish, ZoneLedger?) -> ZoneReaders
    ) {
        self.ledger = ledger
        self.readers = readers
        self.concurrency = concurrency
    }

    /// One zone's plan, from a fresh look.
    package func plan(_ wish: ZoneWish, now: Instant) async throws(Failure) -> PlannedZone {
        let known: ZoneLedger? = if let ledger { try await ledger.ledger(of: wish.zone) } else { nil }
        return await plan(wish, known: known, now: now)
    }

    private func plan(_ wish: ZoneWish, known: ZoneLedger?, now: Instant) async -> PlannedZone {
        let readers = readers(wish, known)
        let live: LiveZone =
            // Nothing can be decided about a zone whose manifest can't be read, so nobody is asked about it.
            if case .unknown = wish.wish { LiveZone(zone: wish.zone) } else { await Observer(readers).look(at: wish.zone) }
        return Planner.plan(
            PlannerInput(
                wish: wish, ledger: known, live: live, now: now, renewalDue: readers.renewalDue,
                normalForm: { readers.dns.normalForm(of: $0) }))
    }

    /// Every wish, and every zone that the ledger manages and no wish names.
    package func wishes(_ stated: [ZoneWish], only: Set<DomainName>?) async throws(Failure) -> [ZoneWish] {
        var wishes = stated
        if let ledger {
            let named = Set(stated.map(\.zone))
            for zone in try await ledger.ledgers() where zone.isManaged && !named.contains(zone.zone) {
                wishes.append(ZoneWish(zone: zone.zone, wish: .gone, digest: ""))
            }
        }
        return wishes.filter { only?.contains($0.zone) ?? true }.sorted { $0.zone < $1.zone }
    }

    /// All zones' plans.
    package func plan(_ wishes: [ZoneWish], now: Instant) async throws(Failure) -> [ZonePlan] {
        var ledgers: [DomainName: ZoneLedger] = [:]
        if let ledger { for zone in try await ledger.ledgers() { ledgers[zone.zone] = zone } }
        let known = ledgers
        let hasLedger = ledger != nil
        return await withTaskGroup(of: ZonePlan.self) { group in
            var plans: [ZonePlan] = []
            var rest = wishes[...]
            var running = 0
            while !rest.isEmpty || running > 0 {
                while running < concurrency, let wish = rest.popFirst() {
                    running += 1
                    group.addTask {
                        let state = hasLedger ? known[wish.zone] ?? ZoneLedger(zone: wish.zone) : nil
                        return await plan(wish, known: state, now: now).plan
                    }
                }
                if let plan = await group.next() {
                    running -= 1
                    plans.append(plan)
                }
            }
            return plans
        }
    }
}
