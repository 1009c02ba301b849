import DNS
import Findings
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
    /// small for the limit is not looked at for it. Two runs that begin in one moment may each let as many go: neither knows of the other.
    package func limiting(_ wishes: [ZoneWish], now: Instant) async throws(Failure) -> [ZoneWish] {
        let known = try await known(wishes)
        let unnamed = wishes.filter { !$0.isNamed && known[$0.zone]?.desired != nil }
        guard limits.changes.block(Set(unnamed.map(\.zone)), of: known.values, at: now) != nil else { return wishes }
        let seen = await each(unnamed, known) { wish, known in
            let input = await input(wish, known: known, now: now)
            return Self.begins(Planner.plan(input), input) ? wish.zone : nil
        }
        let changing = Set(seen.compactMap { $0 })
        let block = limits.changes.block(changing, of: known.values, at: now)
        let others = Set(unnamed.map(\.zone)).subtracting(changing)
        return wishes.map { wish in
            var wish = wish
            if changing.contains(wish.zone) { wish.changeBlock = block }
            // What a name server did not tell then may move the fleet a moment later.
            if others.contains(wish.zone) { wish.uncounted = .uncounted }
            return wish
        }
    }

    /// Whether a zone of which nobody spoke would begin to change what it shows.
    static func begins(_ planned: PlannedZone, _ input: PlannerInput) -> Bool {
        guard !input.wish.isNamed, input.wish.changeBlock == nil, let ledger = input.ledger else { return false }
        return ledger.change(by: planned, of: input.wish, at: input.now) != nil
    }

    /// The plans with what the fleet's limit withholds told apart, by the same looks.
    func limited(_ plans: [BudgetedPlan], among known: [DomainName: ZoneLedger], now: Instant) -> [BudgetedPlan] {
        let changing = Set(plans.filter { $0.change != nil }.map(\.plan.zone))
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

extension Finding {
    fileprivate static var uncounted: Finding {
        Finding(
            .error, .changesBlocked,
            "the zone could not be judged when the run counted how many zones change, and would change now",
            action: "run again: then it is counted")
    }
}
