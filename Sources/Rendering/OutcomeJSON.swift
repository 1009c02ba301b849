import DNS
package import Findings
package import Planning

/// What an apply tells, one line of JSON each: findings, events, and a summary that is always the last line.
package enum OutcomeJSON {
    /// A finding that concerns no single zone.
    package static func finding(_ finding: Finding) -> String {
        line("finding", [("finding", FindingJSON.value(finding))])
    }

    /// One event.
    package static func event(_ event: ApplyEvent) -> String {
        switch event {
        case .began(let zone, let steps): line("began", zone, [("steps", .number(steps))])
        case .step(let zone, let step): line("step", zone, [resource(step)])
        case .retrying(let zone, let step, let reason, let seconds):
            line("retrying", zone, [resource(step), ("reason", .string(reason)), ("seconds", .number(seconds))])
        case .noted(let zone, let words): line("noted", zone, [("note", .string(words))])
        case .done(let zone, let step): line("done", zone, [resource(step)])
        case .ended(let outcome): line("ended", fields(outcome))
        }
    }

    /// Every zone's outcome, and every outcome counted, also those that no zone had.
    package static func summary(_ outcomes: [ZoneOutcome]) -> String {
        let counts = ZoneOutcome.Kind.allCases.map { kind in
            (kind.rawValue, JSONText.Value.number(outcomes.count { $0.kind == kind }))
        }
        return line(
            "summary",
            [
                ("counts", .object(counts)), ("errors", .number(outcomes.reduce(0) { $0 + $1.errors })),
                ("zones", .list(outcomes.map { .object(fields($0)) })),
            ])
    }

    private static func fields(_ outcome: ZoneOutcome) -> [(String, JSONText.Value)] {
        var fields: [(String, JSONText.Value)] = [
            ("zone", .string("\(outcome.zone)")), ("outcome", .string(outcome.kind.rawValue)),
            ("detail", .string(outcome.detail)), ("steps_done", .number(outcome.stepsDone)),
            ("errors", .number(outcome.errors)),
        ]
        if let failed = outcome.failedStep { fields.append(("failed_step", .string(failed.rawValue))) }
        return fields
    }

    private static func resource(_ step: Step) -> (String, JSONText.Value) {
        ("resource", .string(step.resource.rawValue))
    }

    private static func line(
        _ event: String, _ zone: DomainName, _ fields: [(String, JSONText.Value)]
    ) -> String {
        line(event, [("zone", .string("\(zone)"))] + fields)
    }

    private static func line(_ event: String, _ fields: [(String, JSONText.Value)]) -> String {
        JSONText.line(.object([("event", .string(event))] + fields)) + "\n"
    }
}
