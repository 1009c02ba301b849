import Findings

/// Applies an author's waivers: what is accepted stays visible, but no longer alarms.
enum Waiving {
    static func apply(_ waivers: [Waiver], to findings: [Finding], now: Instant) -> [Finding] {
        let counting = waivers.filter { $0.counts(at: now) }
        var told = findings.map { finding -> Finding in
            guard let waiver = counting.first(where: { $0.code == finding.code }) else { return finding }
            return Finding(
                .note, finding.code, zone: finding.zone, "\(finding.message) (waived: \(waiver.reason))",
                action: finding.action,
                actor: finding.actor, at: finding.place)
        }
        let raised = Set(findings.map(\.code))
        for waiver in waivers {
            if let until = waiver.until, !waiver.counts(at: now) {
                told.append(
                    Finding(
                        .warning, .waiverExpired, "the waiver of '\(waiver.code.rawValue)' ended at \(until)",
                        action: "remove it, or give it a later 'until' with a fresh reason", at: waiver.place))
            } else if !raised.contains(waiver.code) {
                told.append(
                    Finding(
                        .warning, .waiverUnused, "nothing raises '\(waiver.code.rawValue)', which the manifest waives",
                        action: "remove the waiver", at: waiver.place))
            }
        }
        return told
    }
}
