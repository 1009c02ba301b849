package import DNS
package import Planning
package import Ports

/// An issuer's budget as plans read it.
package struct BudgetReading: Sendable {
    /// Its limits.
    package let rules: BudgetRules
    /// What is used of it; `nil`: there is no store yet, so nothing is.
    package let reader: (any IssuanceBudgetReader)?

    /// A budget.
    package init(rules: BudgetRules, reader: (any IssuanceBudgetReader)?) {
        self.rules = rules
        self.reader = reader
    }

    func claim(_ look: ZoneLook, _ known: ZoneLedger?) -> BudgetClaim? {
        look.planned.plan.certificateStep.flatMap {
            BudgetClaim.of($0, zone: look.planned.plan.zone, held: known?.applied.certificate, rules)
        }
    }
}

/// The same budget as orders take from it.
package struct BudgetSpending: Sendable {
    /// Its limits.
    package let rules: BudgetRules
    /// Where it is kept.
    package let store: any IssuanceBudgetStore

    /// A budget.
    package init(rules: BudgetRules, store: any IssuanceBudgetStore) {
        self.rules = rules
        self.store = store
    }
}

/// Plans of many zones, with what the issuer's budget makes of them.
package struct FleetPlan: Sendable {
    /// One plan a zone.
    package var zones: [ZonePlan]
    /// When certificates will be ordered; `nil` where there is no budget, or none is wanted.
    package var budget: BudgetForecast?
    /// Zones that have records at owned names already, where no ledger knows any zone.
    package var strangers: [DomainName] = []
}

/// A zone's plan with what it wants of the budget.
struct BudgetedPlan: Sendable {
    var plan: ZonePlan
    let claim: BudgetClaim?
    /// There is no certificate yet.
    let isNone: Bool
    /// What it was made from, where it begins to change what a zone shows that nobody named.
    let change: PlannerInput?
    /// No ledger knows the zone.
    let isNew: Bool
    /// Nor who put the records there that stand at its owned names.
    let isStranger: Bool

    init(_ look: ZoneLook, claim: BudgetClaim?, ledger: ZoneLedger?, change: PlannerInput?) {
        isNew = ledger.map { $0 == ZoneLedger(zone: $0.zone) } ?? true
        isStranger = isNew && look.live.records.values.contains { $0.value != nil }
        plan = look.planned.plan
        self.claim = claim
        self.change = change
        isNone = look.live.certificate.isAbsent
    }
}

extension FleetPlanner {
    /// Certificates that the budget has no room for yet become holds with their times.
    func scheduled(_ plans: [BudgetedPlan], now: Instant) async throws(Failure) -> FleetPlan {
        let claims = plans.compactMap(\.claim)
        guard let budget, !claims.isEmpty else { return FleetPlan(zones: plans.map(\.plan)) }
        let book: IssuerBook =
            if let reader = budget.reader { try await reader.book(of: budget.rules.issuer) } else { IssuerBook() }
        let schedule = BudgetSchedule(claims, book, budget.rules, at: now)
        let zones = plans.map { plan in
            guard let claim = plan.claim, let wait = schedule.waits[claim.zone] else { return plan.plan }
            return plan.plan.holdingCertificate(wait, isNone: plan.isNone)
        }
        let isLimited = !budget.rules.limits.isNone || schedule.forecast.last != nil
        return FleetPlan(zones: zones, budget: isLimited ? schedule.forecast : nil)
    }

    /// One zone's look with what the budget has room for now: who asks in vain shall not begin.
    func budgeted(_ look: ZoneLook, _ known: ZoneLedger?) async throws(Failure) -> ZoneLook {
        // An order that is open was taken already.
        guard let budget, let reader = budget.reader, known?.issuance.order == nil,
            let claim = budget.claim(look, known),
            let wait = try await reader.refusal(of: claim, at: budget.rules.issuer, within: budget.rules.limits)
        else { return look }
        var held = look.holdingCertificate(wait)
        held.waiting = claim.isRenewal ? claim : nil
        return held
    }

    /// Whether the issuer's account has limits of ours.
    private var isLimited: Bool { budget.map { !$0.rules.limits.isNone } ?? false }

    /// Zones that hold a certificate, those first that it ends first for, and then all others, so that what an account may still
    /// order goes to renewals. One group where nothing is limited.
    package func inOrderOfNeed(_ wishes: [ZoneWish]) async throws(Failure) -> [[ZoneWish]] {
        guard let ledger, isLimited else { return [wishes] }
        var ends: [DomainName: Instant] = [:]
        for known in try await ledger.ledgers() { ends[known.zone] = known.applied.certificate?.notAfter }
        let held = wishes.filter { ends[$0.zone] != nil }.sorted {
            (ends[$0.zone] ?? Instant(seconds: 0), $0.zone) < (ends[$1.zone] ?? Instant(seconds: 0), $1.zone)
        }
        return [held, wishes.filter { ends[$0.zone] == nil }]
    }
}

extension ZoneLook {
    /// The look with a plan whose certificate waits.
    func holdingCertificate(_ wait: BudgetRefusal) -> ZoneLook {
        var held = self
        held.planned.plan = planned.plan.holdingCertificate(wait, isNone: live.certificate.isAbsent)
        return held
    }
}
