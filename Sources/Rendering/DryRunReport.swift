package import DNS
package import Planning

/// What an apply would write now, for people and machines.
package struct DryRunReport: Hashable, Sendable {
    private let plan: Plan
    private let zones: [Zone]

    /// The fresh plan, and the writes of those of its zones that have steps or would be skipped.
    package init(plan: Plan, zones: [Zone]) {
        self.plan = plan
        self.zones = zones.sorted { $0.zone < $1.zone }
    }

    /// One zone: its writes in order, or why an apply would skip it.
    package struct Zone: Hashable, Sendable {
        /// The mail domain.
        package let zone: DomainName
        /// Step by step.
        package let writes: [Write]
        /// Why nothing of it would be written.
        package let skipped: String?

        /// A zone that would be written.
        package init(zone: DomainName, writes: [Write]) {
            self.zone = zone
            self.writes = writes
            skipped = nil
        }

        /// A zone that would be skipped.
        package init(zone: DomainName, skipped: String) {
            self.zone = zone
            writes = []
            self.skipped = skipped
        }
    }

    /// One step's write.
    package struct Write: Hashable, Sendable {
        let resource: Resource
        let lines: [String]

        /// The lines as the provider, the host or the issuer would be told them.
        package init(resource: Resource, lines: [String]) {
            self.resource = resource
            self.lines = lines
        }
    }

    /// The plan, then what each zone would write.
    package func text(_ style: Style = .plain) -> String {
        PlanText(style).render(plan) + zones.map(text).joined()
    }

    private func text(_ zone: Zone) -> String {
        if let skipped = zone.skipped {
            return Escaping.terminal("\(ZoneWords.shown(zone.zone)) would be skipped: \(skipped)") + "\n"
        }
        return Escaping.terminal("\(ZoneWords.shown(zone.zone)) would write:") + "\n"
            + zone.writes.flatMap(\.lines).map { "  " + Escaping.terminal($0) + "\n" }.joined()
    }

    /// One line: `{"zones": [{"zone", "writes": [{"resource", "lines"}]} or {"zone", "skipped"}], "counts"}`.
    package var json: String {
        let written = zones.filter { $0.skipped == nil }
        let counts: [(String, JSONText.Value)] = [
            ("zones", .number(plan.zones.count)), ("writing", .number(written.count)),
            ("skipped", .number(zones.count - written.count)),
            ("writes", .number(written.reduce(0) { $0 + $1.writes.count })),
        ]
        return JSONText.line(.object([("counts", .object(counts)), ("zones", .list(zones.map(value)))])) + "\n"
    }

    private func value(_ zone: Zone) -> JSONText.Value {
        let name = ("zone", JSONText.Value.string("\(zone.zone)"))
        if let skipped = zone.skipped { return .object([name, ("skipped", .string(skipped))]) }
        let writes = zone.writes.map { write in
            JSONText.Value.object([
                ("resource", .string(write.resource.rawValue)), ("lines", .list(write.lines.map { .string($0) })),
            ])
        }
        return .object([name, ("writes", .list(writes))])
    }
}
