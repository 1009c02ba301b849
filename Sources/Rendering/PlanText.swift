import Findings
package import Planning

/// A plan for people at a terminal.
package struct PlanText: Sendable {
    private let style: Style
    private let scope: PlanScope

    /// A renderer.
    package init(_ style: Style = .plain, scope: PlanScope = .everything) {
        self.style = style
        self.scope = scope
    }

    /// The whole plan; zones with nothing to say are left out, and the last line counts them.
    package func render(_ plan: Plan) -> String {
        var text = plan.findings.map { FindingText(style).render($0, showsZone: true) }.joined()
        for zone in plan.zones where !zone.isQuiet { text += render(zone, plan) + "\n" }
        return text + PlanWords.ending(plan, scope).map { Escaping.terminal($0) + "\n" }.joined()
    }

    private func render(_ zone: ZonePlan, _ plan: Plan) -> String {
        var text = style.bold(Escaping.terminal(ZoneWords.shown(zone.zone))) + verdict(zone) + "\n"
        for finding in zone.findings { text += FindingText(style).indented(finding) }
        for (number, step) in zone.steps.enumerated() {
            text += "  \(number + 1). \(Escaping.terminal(PlanWords.headline(step, zone: zone.zone)))\n"
            let causes = Escaping.terminal(PlanWords.causes(step, plan).joined(separator: ", "))
            text += "     \(style.dim("why:")) \(Escaping.terminal(step.reason)) (\(causes))\n"
            for line in PlanWords.changes(step) { text += "       \(paint(Escaping.terminal(line)))\n" }
        }
        for step in zone.withheld {
            text += "  - withheld: \(Escaping.terminal(PlanWords.headline(step, zone: zone.zone)))\n"
            let causes = Escaping.terminal(PlanWords.causes(step, plan).joined(separator: ", "))
            text += "     \(style.dim("why:")) \(Escaping.terminal(step.reason)) (\(causes))\n"
            for line in PlanWords.changes(step) { text += "       \(paint(Escaping.terminal(line)))\n" }
        }
        for hold in zone.holds {
            let until = hold.until.map { " until \($0)" } ?? ""
            text += "  holds \(hold.resource.rawValue)\(until): \(Escaping.terminal(hold.reason))\n"
        }
        if let renewal = zone.laterRenewal { text += "  \(Escaping.terminal(PlanWords.renewal(renewal)))\n" }
        return text
    }

    private func verdict(_ zone: ZonePlan) -> String {
        switch zone.verdict {
        case .inSync where !zone.holds.isEmpty: ": waits"
        // What is asked for is no matter of drift: it may still be to come.
        case .inSync: scope == .everything ? ": as desired" : ": as last applied"
        case .changes: ": \(PlanWords.count(zone.steps.count, "step"))"
        case .blocked:
            style.red(": blocked")
                + (zone.steps.isEmpty ? "" : ", \(PlanWords.count(zone.steps.count, "step")) all the same")
        case .unknown: style.red(": unreadable")
        case .notApplicable: ": has no mail, nothing applies"
        }
    }

    private func paint(_ line: String) -> String {
        if line.hasPrefix("+") { return style.green(line) }
        return line.hasPrefix("-") ? style.red(line) : line
    }
}

extension ZonePlan {
    /// Nothing that a person needs to read.
    var isQuiet: Bool {
        steps.isEmpty && holds.isEmpty && findings.isEmpty && (verdict == .inSync || verdict == .notApplicable)
            && renewal?.explanation == nil
    }

    /// The renewal that is no step yet.
    var laterRenewal: DueRenewal? { steps.contains { $0.resource == .certificate } ? nil : renewal }
}
