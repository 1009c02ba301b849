import DNS
import Findings

extension ZoneLedger {
    /// What is learnt once `step` was done: that it put back what somebody had changed.
    package func correction(by step: Step, at now: Instant) -> LedgerEvent? {
        guard step.causes == [.drift], case .records(let change) = step.effect else { return nil }
        let lines = change.expecting.flatMap(\.lines).prefix(8).map { String($0.prefix(512)) }
        return .corrected(Correction(step.resource, at: now, theirs: Array(lines)))
    }
}

extension Comparison {
    /// A record set that others change again and again has two masters: a third correction within a day is the last, until a day has
    /// passed since the first of them. A commit's change goes on: it may be the peace.
    mutating func judgeContests() {
        for step in steps where step.causes == [.drift] && step.resource != .challenge {
            let lately = (input.ledger?.steering.corrections ?? []).filter {
                $0.resource == step.resource && input.now - $0.at < Steering.day
            }.suffix(3)
            guard lately.count == 3, let first = lately.first else { continue }
            let until = first.at + Steering.day
            steps.removeAll { $0 == step }
            holds.append(Hold(step.resource, "others change it as often as it is put back", until: until))
            findings.append(.contested(step, Array(lately), until: until))
        }
    }
}

extension Finding {
    fileprivate static func contested(_ step: Step, _ corrections: [Correction], until: Instant) -> Finding {
        let times = corrections.map { "\($0.at) (\(shown($0.theirs)))" }.joined(separator: ", ")
        let ours = step.writing.flatMap(\.lines).joined(separator: " / ")
        let theirs =
            if case .records(let change) = step.effect { change.expecting.flatMap(\.lines) } else { [String]() }
        return Finding(
            .error, .contested,
            "the \(step.resource.words) was put back at \(times), and is changed again: it shows \(shown(theirs)) and was applied as \(ours)",
            action:
                "find who else writes it, and let one of the two go; it is not put back again before \(until)",
            actor: .operator)
    }

    /// Records that others wrote, cut: they may be of any length.
    private static func shown(_ lines: [String]) -> String {
        lines.isEmpty ? "nothing" : String(lines.joined(separator: " / ").prefix(200))
    }
}
