package import Planning

/// What an apply tells while it runs and when it ends.
package struct OutcomeText: Sendable {
    private let style: Style

    /// A renderer.
    package init(_ style: Style = .plain) { self.style = style }

    /// One event as one line; `nil` where a quiet log needs none.
    package func render(_ event: ApplyEvent) -> String? {
        switch event {
        case .began(_, steps: 0): nil
        case .began(let zone, let steps): "\(ZoneWords.shown(zone)): \(PlanWords.count(steps, "step"))"
        case .step: nil
        case .retrying(let zone, let step, let reason, let seconds):
            "\(ZoneWords.shown(zone)): \(step.resource.rawValue): again in \(seconds) s, since \(Escaping.terminal(reason))"
        case .noted(let zone, let words): "\(ZoneWords.shown(zone)): note: \(Escaping.terminal(words))"
        case .done(let zone, let step):
            "\(ZoneWords.shown(zone)): done: \(Escaping.terminal(PlanWords.headline(step, zone: zone)))"
        case .ended(let outcome): render(outcome)
        }
    }

    private func render(_ outcome: ZoneOutcome) -> String {
        let words = outcome.kind.rawValue.split(separator: "-").joined(separator: " ")
        let shown =
            switch outcome.kind {
            case .applied: style.green(words)
            case .nothingToDo, .held: words
            case .blocked, .skipped, .failed, .notStarted: style.red(words)
            }
        let at = outcome.failedStep.map { " at \($0.rawValue)" } ?? ""
        let zone = ZoneWords.shown(outcome.zone)
        return "\(zone): \(shown)\(at)\(outcome.detail.isEmpty ? "" : ": \(Escaping.terminal(outcome.detail))")"
    }

    /// The last line: every outcome counted.
    package func summary(_ outcomes: [ZoneOutcome]) -> String {
        let counts = ZoneOutcome.Kind.allCases.compactMap { kind -> String? in
            let number = outcomes.count { $0.kind == kind }
            return number == 0 ? nil : "\(number) \(kind.rawValue.split(separator: "-").joined(separator: " "))"
        }
        return "Apply: " + (counts.isEmpty ? "no zone" : counts.joined(separator: ", ")) + "."
    }
}
