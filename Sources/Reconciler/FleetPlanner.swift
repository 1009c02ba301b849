package import DNS
package import Planning
package import Ports

/// Plans many zones side by side: look, then decide, each zone for itself (design, rule 8).
package struct FleetPlanner: Sendable {
    let ledger: (any LedgerReader)?
    private let readers: @Sendable (ZoneWish, ZoneLedger?) -> ZoneReaders
    private let concurrency: Int
    /// What the issuer's account may still order; `nil`: as much as is due.
    let budget: BudgetReading?
    /// How many zones may lose their policy, or change, unnamed.
    let limits: FleetLimits
    /// Where the manifests come from; `nil` where that is not asked.
    private let source: SourceReading?

    /// A planner. Many zones at once, so that those whose servers are silent hold up no others; the ports bound what they open. `readers` gives each zone its ports; without a `ledger` the comparison is two-way.
    package init(
        ledger: (any LedgerReader)?, concurrency: Int = 256, budget: BudgetReading? = nil,
        limits: FleetLimits = FleetLimits(), source: SourceReading? = nil,
        readers: @escaping @Sendable (ZoneWish, ZoneLedger?) -> ZoneReaders
    ) {
        self.ledger = ledger
        self.readers = readers
        self.concurrency = concurrency
        self.budget = budget
        self.limits = limits
        self.source = source
    }

    /// One zone's plan, with the fresh look that it was made from.
    package func look(at wish: ZoneWish, now: Instant) async throws(Failure) -> ZoneLook {
        let known: ZoneLedger? = if let ledger { try await ledger.ledger(of: wish.zone) } else { nil }
        return try await budgeted(await look(wish, known: known, now: now), known)
    }

    private func look(
        _ wish: ZoneWish, known: ZoneLedger?, now: Instant, sendersView: Bool = false
    ) async -> ZoneLook {
        var input = await input(wish, known: known, now: now, sendersView: sendersView)
        if let uncounted = wish.uncounted, Self.begins(Planner.plan(input), input) {
            input.wish.changeBlock = uncounted
        }
        return ZoneLook(planned: Planner.plan(input), live: input.live, claim: input.source)
    }

    /// A fresh look with all that a plan rests on.
    func input(_ wish: ZoneWish, known: ZoneLedger?, now: Instant, sendersView: Bool = false) async -> PlannerInput {
        let readers = readers(wish, known)
        var needs = LookNeeds.of(wish, ledger: known, now: now)
        needs.sendersView = sendersView
        let live = await Observer(readers).look(at: wish.zone, needs: needs)
        return PlannerInput(
            wish: wish, ledger: known, live: live, now: now, source: await source?.claim(known),
            normalForm: { readers.dns.normalForm(of: $0) })
    }

    /// Every wish, and every zone that the ledger manages and no wish names. What is taken away is held within the limit, but for
    /// the zones that a person `named`.
    package func wishes(
        _ stated: [ZoneWish], only: Set<DomainName>?, named: Set<DomainName>? = nil, now: Instant
    ) async throws(Failure) -> [ZoneWish] {
        var wishes = stated
        if let ledger {
            // Whoever is asked for by name is named: how many the others are matters to no limit then.
            let scope = named == nil ? only : nil
            var ledgers: [DomainName: ZoneLedger] = [:]
            for zone in try await self.ledgers(of: scope, in: ledger) { ledgers[zone.zone] = zone }
            let known = Set(stated.map(\.zone))
            for zone in ledgers.values where zone.isManaged && !known.contains(zone.zone) {
                wishes.append(ZoneWish(zone: zone.zone, wish: .gone, digest: ""))
            }
            let named = named ?? only ?? []
            wishes = limits.withdrawals.judge(wishes, ledgers: ledgers, named: named, at: now)
            for index in wishes.indices where named.contains(wishes[index].zone) { wishes[index].isNamed = true }
        }
        return wishes.filter { only?.contains($0.zone) ?? true }.sorted { $0.zone < $1.zone }
    }

    /// All zones' plans, and when the certificates of those that wait for the issuer's budget will be ordered.
    package func plan(_ wishes: [ZoneWish], now: Instant) async throws(Failure) -> FleetPlan {
        let known = try await known(wishes)
        let plans = await each(wishes, known) { wish, known in
            let input = await input(wish, known: known, now: now)
            let look = ZoneLook(planned: Planner.plan(input), live: input.live)
            return BudgetedPlan(
                look, claim: budget.flatMap { $0.claim(look, known) }, ledger: known,
                change: Self.begins(look.planned, input) ? input : nil)
        }
        var fleet = try await scheduled(limited(plans, among: known, now: now), now: now)
        fleet.strangers = try await strangers(plans)
        return fleet
    }

    /// The zones that have records already where no ledger knows of any zone: of a new ledger that is nothing new, of a lost one it is.
    private func strangers(_ plans: [BudgetedPlan]) async throws(Failure) -> [DomainName] {
        let strangers = plans.filter(\.isStranger).map(\.plan.zone).sorted()
        guard !strangers.isEmpty, plans.allSatisfy(\.isNew) else { return [] }
        if let ledger, try await !ledger.ledgers().isEmpty { return [] }
        return strangers
    }

    /// All zones' statuses, judged from the same look as their plans.
    package func statuses(_ wishes: [ZoneWish], now: Instant) async throws(Failure) -> [ZoneStatus] {
        await each(wishes, try await known(wishes)) { wish, known in
            let look = await look(wish, known: known, now: now, sendersView: true)
            return ZoneStatus.judge(look.planned, live: look.live, at: now)
        }.sorted { $0.zone < $1.zone }
    }

    /// Of a few zones each by itself; of many all at once, which costs less than so many questions.
    private func ledgers(
        of zones: Set<DomainName>?, in ledger: any LedgerReader
    ) async throws(Failure) -> [ZoneLedger] {
        guard let zones, zones.count <= 16 else { return try await ledger.ledgers() }
        var found: [ZoneLedger] = []
        for zone in zones { found.append(try await ledger.ledger(of: zone)) }
        return found
    }

    /// What the ledger knows of the zones, and maybe of others.
    func known(_ wishes: [ZoneWish]) async throws(Failure) -> [DomainName: ZoneLedger] {
        var found: [DomainName: ZoneLedger] = [:]
        if let ledger {
            for zone in try await ledgers(of: Set(wishes.map(\.zone)), in: ledger) { found[zone.zone] = zone }
        }
        return found
    }

    /// Runs `body` for each wish with its ledger, so many at once.
    func each<Value: Sendable>(
        _ wishes: [ZoneWish], _ known: [DomainName: ZoneLedger],
        _ body: @escaping @Sendable (ZoneWish, ZoneLedger?) async -> Value
    ) async -> [Value] {
        let hasLedger = ledger != nil
        return await withTaskGroup(of: Value.self) { group in
            var values: [Value] = []
            var rest = wishes[...]
            var running = 0
            while !rest.isEmpty || running > 0 {
                while running < concurrency, let wish = rest.popFirst() {
                    running += 1
                    group.addTask {
                        await body(wish, hasLedger ? known[wish.zone] ?? ZoneLedger(zone: wish.zone) : nil)
                    }
                }
                if let value = await group.next() {
                    running -= 1
                    values.append(value)
                }
            }
            return values
        }
    }
}

/// A zone's plan with what was seen.
package struct ZoneLook: Sendable {
    /// What was decided.
    package internal(set) var planned: PlannedZone
    /// What it was decided from.
    package let live: LiveZone
    /// Where the wish came from, beside what was last applied.
    var claim: SourceClaim?
    /// The renewal that the issuer's budget has no room for now.
    var waiting: BudgetClaim?
}
