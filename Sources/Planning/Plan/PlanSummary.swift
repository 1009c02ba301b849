import Findings

/// Counts over a plan: its last line, its JSON summary and the command's exit code rest on these.
package struct PlanSummary: Hashable, Sendable, Codable {
    /// All zones.
    package var zones: Int
    /// Zones with steps.
    package var changing: Int
    /// Zones with nothing to do.
    package var inSync: Int
    /// Zones that wait for a person.
    package var blocked: Int
    /// Zones of which something that matters could not be read.
    package var unknown: Int
    /// Zones that declare to have no mail.
    package var notApplicable: Int
    /// Steps by verb.
    package var create: Int
    package var change: Int
    package var delete: Int
    package var certificates: Int
    /// Findings of severity error that no other count shows: the world is not as published.
    package var errors: Int
    /// Findings of severity warning.
    package var warnings: Int
    /// Steps caused by drift.
    package var drift: Int
    /// Zones whose changes wait for the plan to be accepted; `nil` where there are none.
    package var withheld: Int?

    /// Counts `plan`.
    package init(_ plan: Plan) {
        let steps = plan.zones.flatMap(\.steps)
        let findings = plan.findings + plan.zones.flatMap(\.findings)
        func zoneCount(_ verdict: ZonePlan.Verdict) -> Int { plan.zones.count { $0.verdict == verdict } }
        func stepCount(_ verb: Step.Verb) -> Int { steps.count { $0.verb == verb } }
        self.zones = plan.zones.count
        changing = plan.zones.count { !$0.steps.isEmpty }
        inSync = zoneCount(.inSync)
        blocked = zoneCount(.blocked)
        unknown = zoneCount(.unknown)
        notApplicable = zoneCount(.notApplicable)
        create = stepCount(.create)
        change = stepCount(.change)
        delete = stepCount(.delete)
        certificates = stepCount(.issue) + stepCount(.renew)
        errors = findings.count { $0.severity == .error }
        warnings = findings.count { $0.severity == .warning }
        let waiting = plan.zones.count { !$0.withheld.isEmpty }
        withheld = waiting == 0 ? nil : waiting
        drift = steps.count { $0.causes.contains(.drift) }
    }
}
