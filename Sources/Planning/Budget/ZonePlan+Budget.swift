extension ZonePlan {
    /// The plan without its certificate, which has to wait. Where there `isNone` yet, what rests on one waits with it.
    package func holdingCertificate(_ wait: BudgetRefusal, isNone: Bool) -> ZonePlan {
        guard steps.contains(where: { $0.resource == .certificate }) else { return self }
        var plan = self
        let waiting = steps.filter { isNone && $0.rests(isNewPolicy: false).contains(.certificate) }
        // Without another certificate there is none to deliver; but one that is held goes where another one lies.
        plan.steps.removeAll {
            $0.resource == .certificate || waiting.contains($0)
                || ($0.resource == .delivery && (isNone || !$0.causes.contains(.drift)))
        }
        plan.holds.append(Hold(.certificate, wait.reason, until: wait.until))
        plan.holds += waiting.map { Hold($0.resource, "it waits for the certificate", until: wait.until) }
        if plan.steps.isEmpty, plan.verdict == .changes { plan.verdict = .inSync }
        return plan
    }

    /// The step that issues or renews the zone's certificate.
    package var certificateStep: Step? { steps.first { $0.resource == .certificate } }
}
