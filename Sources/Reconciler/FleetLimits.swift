import DNS
package import Planning
package import Ports

/// How many zones of a fleet may lose their policy, or change, in a day unless somebody names them.
package struct FleetLimits: Sendable {
    /// How many may lose their policy.
    package let withdrawals: WithdrawalLimit
    /// How many may change.
    package let changes: ChangeLimit

    /// Limits.
    package init(withdrawals: WithdrawalLimit = .usual, changes: ChangeLimit = .usual) {
        self.withdrawals = withdrawals
        self.changes = changes
    }
}

extension FleetPlanner {
    /// `wishes` with the block of those that may not change in this run: what a plan of them all would withhold. A fleet that is too
    /// small for the limit is not looked at for it.
    package func limiting(_ wishes: [ZoneWish], now: Instant) async throws(Failure) -> [ZoneWish] {
        let known = try await known(wishes)
        let unnamed = wishes.filter { !$0.isNamed && known[$0.zone]?.desired != nil }
        guard limits.changes.block(unnamed.count, of: known.values, at: now) != nil else { return wishes }
        let changing = await each(unnamed, known) { wish, known in
            let input = await input(wish, known: known, now: now)
            return Self.begins(Planner.plan(input), input) ? wish.zone : nil
        }
        let zones = Set(changing.compactMap { $0 })
        guard let block = limits.changes.block(zones.count, of: known.values, at: now) else { return wishes }
        return wishes.map { wish in
            guard zones.contains(wish.zone) else { return wish }
            var wish = wish
            wish.changeBlock = block
            return wish
        }
    }

    /// Whether a zone of which nobody spoke would begin to change what it shows.
    static func begins(_ planned: PlannedZone, _ input: PlannerInput) -> Bool {
        guard !input.wish.isNamed, input.wish.changeBlock == nil, let ledger = input.ledger else { return false }
        return ledger.beginsChange(planned, of: input.wish, at: input.now)
    }

    /// The plans with what the fleet's limit withholds told apart, by the same looks.
    func limited(_ plans: [BudgetedPlan], among known: [DomainName: ZoneLedger], now: Instant) -> [BudgetedPlan] {
        let changing = plans.count { $0.change != nil }
        guard let block = limits.changes.block(changing, of: known.values, at: now) else { return plans }
        return plans.map { plan in
            guard var input = plan.change else { return plan }
            input.wish.changeBlock = block
            var limited = plan
            limited.plan = plan.plan.withheld(keeping: Planner.plan(input).plan)
            return limited
        }
    }
}
