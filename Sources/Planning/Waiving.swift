package import Findings

/// Applies an author's waivers: what is accepted stays visible, but no longer alarms.
enum Waiving {
    /// Errors of a manifest that say what it means all the same. Whether they are waived is judged by the plan's time: reading has
    /// no clock, and a waiver ends.
    static let waivable: Set<FindingCode> = [.maxAgeRange]

    static func apply(_ waivers: [Waiver], to findings: [Finding], now: Instant) -> [Finding] {
        var told = accept(waivers, in: findings, now: now)
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

    /// Findings that a waiver covers, as notes; the others as they are.
    static func accept(_ waivers: [Waiver], in findings: [Finding], now: Instant) -> [Finding] {
        let counting = waivers.filter { $0.counts(at: now) }
        return findings.map { finding -> Finding in
            guard let waiver = counting.first(where: { $0.code == finding.code }) else { return finding }
            return Finding(
                .note, finding.code, zone: finding.zone, "\(finding.message) (waived: \(waiver.reason))",
                action: finding.action, actor: finding.actor, at: finding.place)
        }
    }
}

extension ZoneWish {
    /// What reading the manifest found, what is waived at `now` told as a note.
    package func findings(at now: Instant) -> [Finding] { Waiving.accept(waivers, in: findings, now: now) }
}

extension Finding {
    /// Whether a manifest with this error says nothing that a plan could go by.
    package var voidsManifest: Bool { severity == .error && !Waiving.waivable.contains(code) }
}

extension Stage {
    /// Only what was `applied`, blocked, where the manifest has an error that no waiver covers at `now`.
    func heeding(_ wish: ZoneWish, at now: Instant, applied: Publication) -> Stage {
        guard wish.findings(at: now).contains(where: { $0.severity == .error }) else { return self }
        var stage = Stage.keepingUp(applied)
        stage.isBlocked = true
        stage.findings = findings
        return stage
    }
}
