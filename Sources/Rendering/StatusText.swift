import DNS
package import Findings
package import Planning

/// Statuses for people, one zone a line, what is missing below it.
package struct StatusText: Sendable {
    private let style: Style
    private let isLab: Bool

    /// A renderer; `isLab` says that roots other than the system's are trusted.
    package init(_ style: Style = .plain, isLab: Bool) {
        self.style = style
        self.isLab = isLab
    }

    /// All zones, after what concerns no single one.
    package func render(_ statuses: [ZoneStatus], findings: [Finding] = []) -> String {
        FindingText(style).render(findings) + statuses.map(render).joined()
    }

    private func render(_ status: ZoneStatus) -> String {
        var text =
            "\(ZoneWords.shown(status.zone)): \(word(status.state))\(status.isUnread ? style.red(", unreadable") : "")\n"
        for condition in status.conditions {
            let mark =
                switch condition.holds {
                case true?: style.green("yes")
                case false?: style.red("no ")
                case nil: style.yellow("?  ")
                }
            text += "  \(mark) \(condition.name): \(Escaping.terminal(condition.reason))\n"
        }
        if let renewal = status.renewal { text += "  \(Escaping.terminal(PlanWords.renewal(renewal)))\n" }
        for error in status.errors { text += FindingText(style).indented(error) }
        return text
    }

    private func word(_ state: ZoneStatus.State) -> String {
        switch state {
        case .ready: style.green(isLab ? "ready (lab)" : "ready")
        case .pending: style.yellow("pending")
        case .degraded: style.red("degraded")
        case .drifted: style.yellow("drifted")
        case .blocked: style.red("blocked")
        case .lost: style.red("lost")
        case .notApplicable: "not applicable (no mail)"
        }
    }
}
