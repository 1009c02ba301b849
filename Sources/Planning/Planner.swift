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
    /// When a certificate falls due, as its issuer says.
    package var renewalDue: @Sendable (CertificateFacts) -> Instant
    /// How the zone's provider stores a record set.
    package var normalForm: @Sendable (RecordSet) -> RecordSet

    /// One zone's inputs.
    package init(
        wish: ZoneWish, ledger: ZoneLedger?, live: LiveZone, now: Instant,
        renewalDue: @escaping @Sendable (CertificateFacts) -> Instant = CertificateDiff.usualDue,
        normalForm: @escaping @Sendable (RecordSet) -> RecordSet = { $0 }
    ) {
        self.wish = wish
        self.ledger = ledger
        self.live = live
        self.now = now
        self.renewalDue = renewalDue
        self.normalForm = normalForm
    }
}

/// A zone's plan with the stage that it was made from.
package struct PlannedZone: Hashable, Sendable {
    /// What would be done.
    package var plan: ZonePlan
    /// What shall be public now; `nil` where nothing could be decided.
    package var stage: Stage?
}

/// Goal, stage, differ and order in one pure function (design: "The flow").
package enum Planner {
    /// What would change in one zone.
    package static func plan(_ input: PlannerInput) -> PlannedZone {
        switch input.wish.wish {
        case .desired(let desired):
            let waived = Set(input.wish.waivers.filter { $0.counts(at: input.now) }.map(\.code))
            let reading = Goal.reading(desired, mx: input.live.mx, waivers: waived)
            let stage = Stage.decide(reading, desired: desired, ledger: input.ledger, live: input.live)
            return finish(
                stage, desired: desired, notApplicable: reading.notApplicable, known: reading.policyIsKnown, input)
        case .unknown:
            return finish(keepingUp(input, isGone: false), desired: input.ledger?.desired?.zone, known: false, input)
        case .gone:
            return finish(keepingUp(input, isGone: true), desired: input.ledger?.desired?.zone, known: true, input)
        }
    }

    private static func keepingUp(_ input: PlannerInput, isGone: Bool) -> Stage {
        Stage.keepingUp(input.ledger ?? ZoneLedger(zone: input.wish.zone), isGone: isGone)
    }

    private static func finish(
        _ stage: Stage, desired: DesiredZone?, notApplicable: Bool = false, known: Bool, _ input: PlannerInput
    ) -> PlannedZone {
        var comparison = Comparison(input: input, stage: stage.normalised(by: input.normalForm), desired: desired)
        // A manifest that can't be read stops everything but what the ledger alone decides.
        if case .unknown = input.wish.wish {} else { comparison.run() }
        let findings = Waiving.apply(
            input.wish.waivers, to: stage.findings + comparison.findings + input.wish.findings, now: input.now)
        var isUnknown = comparison.isUnknown || !known
        if case .unknown = input.wish.wish { isUnknown = true }
        let steps = Order.sorted(comparison.steps)
        let verdict: ZonePlan.Verdict =
            if isUnknown {
                .unknown
            } else if stage.isBlocked || comparison.isBlocked {
                .blocked
            } else if notApplicable, steps.isEmpty {
                .notApplicable
            } else {
                steps.isEmpty ? .inSync : .changes
            }
        let plan = ZonePlan(
            zone: input.wish.zone, digest: input.wish.digest, verdict: verdict, steps: steps, holds: stage.holds,
            findings: findings.map { $0.about(zone: input.wish.zone.description) }, nextDue: comparison.nextDue)
        return PlannedZone(plan: plan, stage: comparison.stage)
    }
}

extension Stage {
    /// With record sets as the provider will store them, so that no difference of form becomes a change for ever.
    fileprivate func normalised(by normalForm: (RecordSet) -> RecordSet) -> Stage {
        var stage = self
        stage.wanted.tlsRPT = wanted.tlsRPT.map(normalForm)
        stage.wanted.host = wanted.host.map(normalForm)
        stage.wanted.mtaSTS = wanted.mtaSTS.map(normalForm)
        return stage
    }
}
