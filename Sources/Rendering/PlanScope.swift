package import Planning

/// What of a plan is shown: all of it, or the drift alone.
package enum PlanScope: Hashable, Sendable {
    /// All that is due.
    case everything
    /// What changed outside git; `pending` zones have other changes due, which are not shown.
    case drift(pending: Int)

    var title: String {
        switch self {
        case .everything: "plan"
        case .drift: "drift"
        }
    }
}

extension Plan {
    /// The part of the plan that puts back what was changed outside git, and how many zones have other changes due.
    package var drift: (plan: Plan, scope: PlanScope) {
        var part = self
        var pending = 0
        for index in part.zones.indices {
            let before = part.zones[index].steps.count
            part.zones[index].steps.removeAll { !$0.causes.contains(.drift) }
            if part.zones[index].steps.count < before { pending += 1 }
            if part.zones[index].verdict == .changes, part.zones[index].steps.isEmpty {
                part.zones[index].verdict = .inSync
            }
        }
        return (part, .drift(pending: pending))
    }
}
