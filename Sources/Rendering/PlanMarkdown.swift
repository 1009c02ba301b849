import Findings
package import Planning

/// A plan for a pull request's comment: bounded, most important zones first, safe to show whatever DNS says.
package struct PlanMarkdown: Sendable {
    /// What GitHub takes in one comment.
    package static let usualLimit = 65_536
    /// Room for the line that counts what is left out.
    private static let reserve = 120
    private let limit: Int
    private let scope: PlanScope

    /// A renderer whose output has at most `limit` characters, counted as UTF-16 does: never fewer than GitHub counts.
    package init(limit: Int = usualLimit, scope: PlanScope = .everything) {
        self.limit = limit
        self.scope = scope
    }

    /// The whole plan, or as much as fits, with the rest counted.
    package func render(_ plan: Plan) -> String {
        let head =
            "### CertaDNS \(scope.title)\n\n"
            + PlanWords.ending(plan, scope).map { "\(Escaping.markdown($0))\n" }
            .joined(separator: "\n")
        let commit = plan.commit.map { " for \(Escaping.markdown($0))" } ?? ""
        let foot = "\n<sub>made at \(plan.madeAt)\(commit)</sub>\n"
        let room = limit - head.utf16.count - foot.utf16.count - Self.reserve
        var body = plan.findings.map { "\n" + finding($0) }.joined()
        var size = body.utf16.count
        var left = 0
        for zone in plan.zones.filter({ !$0.isQuiet }).sorted(by: Self.moreImportant) {
            let text = section(zone, plan)
            if left > 0 || size + text.utf16.count > room {
                left += 1
            } else {
                body += text
                size += text.utf16.count
            }
        }
        if size > room {
            body = "\n**The plan is too long to be shown here; the JSON plan has all.**\n"
        } else if left > 0 {
            body += "\n**\(PlanWords.count(left, "zone")) more, left out for length; the JSON plan has all.**\n"
        }
        return head + body + foot
    }

    /// Blocked and unreadable zones first, then those that lose something, then by name.
    private static func moreImportant(_ a: ZonePlan, _ b: ZonePlan) -> Bool {
        (rank(a), a.zone) < (rank(b), b.zone)
    }

    private static func rank(_ zone: ZonePlan) -> Int {
        switch zone.verdict {
        case .blocked: 0
        case .unknown: 1
        default: zone.steps.contains { $0.verb == .delete } ? 2 : zone.steps.isEmpty ? 4 : 3
        }
    }

    private func section(_ zone: ZonePlan, _ plan: Plan) -> String {
        var text = "\n#### \(Escaping.markdown(ZoneWords.shown(zone.zone))) (\(zone.verdict.rawValue))\n\n"
        for item in zone.findings { text += finding(item) }
        for (number, step) in zone.steps.enumerated() {
            text += "\(number + 1). **\(Escaping.markdown(PlanWords.headline(step, zone: zone.zone)))**: "
            text +=
                "\(Escaping.markdown(step.reason)) (\(PlanWords.causes(step, plan).map(Escaping.markdown).joined(separator: ", ")))\n"
            let lines = PlanWords.changes(step)
            if !lines.isEmpty { text += "\n\(Escaping.markdown(block: lines, language: "diff"))\n" }
        }
        for step in zone.withheld {
            text += "- withheld: **\(Escaping.markdown(PlanWords.headline(step, zone: zone.zone)))**: "
            text +=
                "\(Escaping.markdown(step.reason)) (\(PlanWords.causes(step, plan).map(Escaping.markdown).joined(separator: ", ")))\n"
            let lines = PlanWords.changes(step)
            if !lines.isEmpty { text += "\n\(Escaping.markdown(block: lines, language: "diff"))\n" }
        }
        for hold in zone.holds {
            let until = hold.until.map { " until \($0)" } ?? ""
            text += "- holds \(hold.resource.rawValue)\(until): \(Escaping.markdown(hold.reason))\n"
        }
        if let renewal = zone.laterRenewal { text += "- \(Escaping.markdown(PlanWords.renewal(renewal)))\n" }
        return text
    }

    private func finding(_ finding: Finding) -> String {
        let place = finding.place.map { " at \(Escaping.markdown("\($0)"))" } ?? ""
        return
            "- \(finding.severity.rawValue)\(place): \(Escaping.markdown(finding.message)) (\(finding.code.rawValue)). "
            + "Next: \(Escaping.markdown(finding.action))\n"
    }
}
