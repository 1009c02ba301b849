import Findings
package import Planning

/// A plan for a pull request's comment: bounded, most important zones first, safe to show whatever DNS says.
package struct PlanMarkdown: Sendable {
    /// What GitHub takes in one comment.
    package static let usualLimit = 65_536
    private let limit: Int

    /// A renderer whose output has at most `limit` characters.
    package init(limit: Int = usualLimit) { self.limit = limit }

    /// The whole plan, or as much as fits, with the rest counted.
    package func render(_ plan: Plan) -> String {
        let head = "### CertaDNS plan\n\n\(Escaping.markdown(PlanWords.summary(plan)))\n"
        let addOns = PlanWords.addOns(plan).map { "\n\(Escaping.markdown($0))\n" }.joined()
        let foot = "\n<sub>made at \(plan.madeAt)\(plan.commit.map { " for \(Escaping.markdown($0))" } ?? "")</sub>\n"
        var body = plan.findings.map { "\n" + finding($0) }.joined()
        // Room for the line that counts what is left out.
        let room = limit - head.count - addOns.count - foot.count - 120
        var left = 0
        for zone in plan.zones.filter({ !$0.isQuiet }).sorted(by: Self.moreImportant) {
            let text = section(zone)
            if left > 0 || body.count + text.count > room { left += 1 } else { body += text }
        }
        if left > 0 {
            body += "\n**\(PlanWords.count(left, "zone")) more, left out for length; the JSON plan has all.**\n"
        }
        if body.count > room + 120 { body = "\n**The plan is too long to be shown here; the JSON plan has all.**\n" }
        return head + addOns + body + foot
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

    private func section(_ zone: ZonePlan) -> String {
        var text = "\n#### \(Escaping.markdown("\(zone.zone)")) (\(zone.verdict.rawValue))\n\n"
        for item in zone.findings { text += finding(item) }
        for (number, step) in zone.steps.enumerated() {
            text += "\(number + 1). **\(Escaping.markdown(PlanWords.headline(step, zone: zone.zone)))**: "
            text += "\(Escaping.markdown(step.reason)) (\(PlanWords.causes(step)))\n"
            let lines = PlanWords.changes(step)
            if !lines.isEmpty {
                text +=
                    "\n\(Escaping.fence)diff\n" + lines.map { Escaping.fenced($0) + "\n" }.joined()
                    + "\(Escaping.fence)\n\n"
            }
        }
        for hold in zone.holds {
            text +=
                "- holds \(hold.resource.rawValue)\(hold.until.map { " until \($0)" } ?? ""): \(Escaping.markdown(hold.reason))\n"
        }
        return text
    }

    private func finding(_ finding: Finding) -> String {
        let place = finding.place.map { " at \(Escaping.markdown("\($0)"))" } ?? ""
        return
            "- \(finding.severity.rawValue)\(place): \(Escaping.markdown(finding.message)) (\(finding.code.rawValue)). "
            + "Next: \(Escaping.markdown(finding.action))\n"
    }
}
