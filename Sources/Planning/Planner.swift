package import DNS
import Findings
import MTASTS

/// Everything that a zone's plan depends on; equal inputs give equal plans.
package struct PlannerInput: Sendable {
    /// What the manifests say.
    package var wish: ZoneWish
    /// What the ledger knows; `nil` when there is no ledger at all.
    package var ledger: ZoneLedger?
    /// What was seen.
    package var live: LiveZone
    /// The store's time.
    package var now: Instant
    /// Where the manifests come from; `nil` where nobody asked.
    package var source: SourceClaim?
    /// How the zone's provider stores a record set.
    package var normalForm: @Sendable (RecordSet) -> RecordSet

    /// One zone's inputs.
    package init(
        wish: ZoneWish, ledger: ZoneLedger?, live: LiveZone, now: Instant, source: SourceClaim? = nil,
        normalForm: @escaping @Sendable (RecordSet) -> RecordSet = { $0 }
    ) {
        self.wish = wish
        self.ledger = ledger
        self.live = live
        self.now = now
        self.source = source
        self.normalForm = normalForm
    }
}

/// A zone's plan with the stage that it was made from.
package struct PlannedZone: Hashable, Sendable {
    /// What would be done.
    package var plan: ZonePlan
    /// What shall be public now; `nil` where nothing could be decided.
    package var stage: Stage?

    /// The TTL, in seconds, under which the zone's policy is announced.
    package var recordTTL: UInt32 { stage?.wanted.mtaSTS.map(\.ttl).max() ?? 0 }
}

/// Goal, stage, differ and order in one pure function (design: "The flow").
package enum Planner {
    /// What would change in one zone.
    package static func plan(_ input: PlannerInput) -> PlannedZone {
        var input = input
        let delegation = input.delegation
        if let ledger = input.ledger {
            // What a look shows counts for the plan that is made from it.
            input.ledger = ledger.surprises(in: input.live, delegation: delegation).reduce(ledger) {
                $0.recording($1, at: input.now)
            }
        }
        let applied = input.ledger?.applied ?? Publication()
        if let loss = input.loss {
            return finish(.ofLost(loss, input), isKnown: true, notApplicable: false, input)
        }
        if input.wish.owner.isOwnName { return finish(.ofOwnName(input), isKnown: true, notApplicable: false, input) }
        if let finding = input.releasedBlock ?? input.inherit() ?? input.refusal {
            let kept = compare(
                .refusing(finding, keeping: applied).relaxed(input), desired: input.ledger?.desired?.zone, input)
            return finish(kept, isKnown: true, notApplicable: false, input)
        }
        let told = input.countingHistory() + input.allowedSource
        switch input.wish.wish {
        case .desired(let desired):
            let waived = Set(input.wish.waivers.filter { $0.counts(at: input.now) }.map(\.code))
            let reading = Goal.reading(desired, mx: input.live.mx, waivers: waived)
            let stage = Stage.decide(
                reading, desired: desired, ledger: input.ledger, live: input.live, now: input.now,
                waived: waived, withdrawalBlock: input.wish.withdrawalBlock, followsMX: input.wish.followsMX
            )
            .heeding(input.wish, at: input.now, applied: applied).limited(input).relaxed(input)
            let comparison = compare(stage, desired: desired, input)
            return finish(
                comparison, isKnown: reading.policyIsKnown, notApplicable: reading.notApplicable, input, telling: told)
        case .gone:
            let ledger = input.ledger ?? ZoneLedger(zone: input.wish.zone)
            let stage = Stage.gone(
                ledger, live: input.live, now: input.now, withdrawalBlock: input.wish.withdrawalBlock
            ).relaxed(input)
            return finish(
                compare(stage, desired: nil, input), isKnown: true, notApplicable: false, input, telling: told)
        case .unknown:
            // No step and no withdrawal, but for the renewal of what is out already: cover never waits for a typing error.
            var comparison = Comparison(input: input, stage: .keepingUp(applied).relaxed(input), desired: nil)
            comparison.runRenewal()
            return finish(comparison, isKnown: false, notApplicable: false, input)
        case .renewal:
            var comparison = Comparison(input: input, stage: .keepingUp(applied), desired: nil)
            comparison.runUpkeep()
            return finish(comparison, isKnown: true, notApplicable: false, input)
        }
    }

    /// Where a person is needed there is no creation and no policy change, but repair and renewal go on (design: "blocked").
    private static func compare(_ stage: Stage, desired: DesiredZone?, _ input: PlannerInput) -> Comparison {
        var comparison = Comparison(input: input, stage: stage.normalised(by: input.normalForm), desired: desired)
        comparison.run()
        // A withdrawal under way goes on in what nobody else holds: each of its steps waits for what came before.
        guard comparison.isBlocked, stage.withdrawal == nil || stage.beginsWithdrawal else { return comparison }
        var stage = Stage.keepingUp(input.ledger?.applied ?? Publication())
        stage.isBlocked = true
        stage.findings = comparison.stage.findings
        stage = stage.relaxed(input)
        let findings = comparison.findings
        let unknown = comparison.unknown
        comparison = Comparison(
            input: input, stage: stage.normalised(by: input.normalForm), desired: input.ledger?.desired?.zone)
        comparison.run()
        comparison.findings += findings.filter { !comparison.findings.contains($0) }
        comparison.unknown.formUnion(unknown)
        return comparison
    }

    private static func finish(
        _ comparison: Comparison, isKnown: Bool, notApplicable: Bool, _ input: PlannerInput,
        telling told: [Finding] = []
    ) -> PlannedZone {
        let stage = comparison.stage
        let steps = Order.sorted(comparison.steps)
        let replacement =
            (input.ledger?.replacementFindings ?? [])
            + (input.live.assumesReplacement ? input.ledger?.assumedReplacement(stage, steps) ?? [] : [])
        let findings = Waiving.apply(
            input.wish.waivers, to: stage.findings + comparison.findings + input.wish.findings + replacement + told,
            now: input.now)
        let verdict: ZonePlan.Verdict =
            if !comparison.unknown.isEmpty || !isKnown {
                .unknown
            } else if stage.isBlocked || comparison.isBlocked {
                .blocked
            } else if notApplicable, steps.isEmpty {
                .notApplicable
            } else {
                steps.isEmpty ? .inSync : .changes
            }
        let plan = ZonePlan(
            zone: input.wish.zone, digest: input.wish.digest, verdict: verdict, steps: steps, holds: comparison.holds,
            findings: findings.map { $0.about(zone: input.wish.zone.description) }, renewal: comparison.renewal)
        return PlannedZone(plan: plan, stage: stage)
    }
}

extension PlannerInput {
    /// That the domain left; nobody else's domain is any of our business before it was ours.
    fileprivate var loss: Loss? {
        switch wish.wish {
        case .desired, .gone: ledger?.loss(in: live, at: now)
        case .unknown, .renewal: nil
        }
    }
}

extension Stage {
    /// Only what was applied, blocked, where the fleet's limit says so; a withdrawal has a limit of its own.
    fileprivate func limited(_ input: PlannerInput) -> Stage {
        guard let block = input.wish.changeBlock, withdrawal == nil, !beginsWithdrawal, !isRelaxed else { return self }
        var stage = Stage.keepingUp(input.ledger?.applied ?? Publication())
        stage.isBlocked = true
        stage.findings = findings + [block]
        return stage
    }

    /// With record sets as the provider will store them, so that no difference of form becomes a change for ever.
    fileprivate func normalised(by normalForm: (RecordSet) -> RecordSet) -> Stage {
        var stage = self
        stage.wanted.tlsRPT = wanted.tlsRPT.map(normalForm)
        stage.wanted.host = wanted.host.map(normalForm)
        stage.wanted.mtaSTS = wanted.mtaSTS.map(normalForm)
        return stage
    }
}
