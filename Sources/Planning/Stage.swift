import DNS
package import Findings
import MTASTS

/// What may be public now: the one place that decides transitions and waits. Everything after it only compares.
package struct Stage: Hashable, Sendable {
    /// What the zone shall show now. Its certificate is always `nil`: ``wantsCertificate`` asks for one.
    package var wanted: Publication
    /// Whether the policy host needs a certificate.
    package var wantsCertificate: Bool
    /// The policy follows the MX records, which moved since it was applied.
    package var mxMoved: Bool
    /// What is due but waits.
    package var holds: [Hold]
    /// What stands against it, or should be known.
    package var findings: [Finding]
    /// A person is needed.
    package var isBlocked: Bool
}

extension Stage {
    /// Goal, ledger, live world and time to what may be public now.
    package static func decide(
        _ reading: GoalReading, desired: DesiredZone, ledger: ZoneLedger?, live: LiveZone
    ) -> Stage {
        let applied = ledger?.applied ?? Publication()
        var stage = Stage(
            wanted: applied, wantsCertificate: applied.keepsCertificate, mxMoved: false, holds: [],
            findings: reading.findings, isBlocked: false)
        stage.wanted.certificate = nil
        if !reading.blocking.isEmpty {
            stage.isBlocked = true
            stage.findings += reading.blocking
            return stage
        }
        // Whether a domain without mail is one can't be told: nothing is taken away on a guess (design, rule 10).
        if !desired.receivesMail, !reading.policyIsKnown { return stage }
        stage.wanted.tlsRPT = reading.goal.tlsRPT
        guard reading.policyIsKnown else { return stage }
        guard let policy = reading.goal.policy else {
            stage.withholdWithdrawal(applied: applied, goal: reading.goal)
            return stage
        }
        let owner = Owned.owner(of: .mtaSTSRecord, zone: desired.zone, delegation: desired.delegation)
        let texts = owner.map { live[RecordKey(name: $0, type: .txt)].texts } ?? []
        let body = PolicyIdentity.body(
            for: policy, generation: reading.goal.generation, ledger: ledger, liveTexts: texts,
            served: live.hosted.value ?? live.servedBody)
        stage.wanted.host = reading.goal.host
        stage.wanted.policy = body
        stage.wanted.mtaSTS = Owned.mtaSTSRecord(
            of: desired.zone, id: body.id, ttl: desired.ttl.mtaSTS, delegation: desired.delegation)
        stage.wantsCertificate = true
        stage.mxMoved = ledger?.desired?.zone == desired && applied.policy.map { $0.body != body.body } ?? false
        return stage
    }

    /// What was applied is kept up: nothing new is made, nothing is taken away.
    package static func keepingUp(_ applied: Publication) -> Stage {
        var stage = Stage(
            wanted: applied, wantsCertificate: applied.keepsCertificate, mxMoved: false, holds: [], findings: [],
            isBlocked: false)
        stage.wanted.certificate = nil
        return stage
    }

    /// A zone that no manifest names any more.
    package static func gone(_ applied: Publication) -> Stage {
        var stage = keepingUp(applied)
        stage.withholdWithdrawal(applied: applied, goal: nil)
        return stage
    }

    /// Senders may hold the policy for its max_age and longer (design, rule 4): taking it away needs the `none` period,
    /// which this version does not plan yet. So nothing is taken away.
    private mutating func withholdWithdrawal(applied: Publication, goal: Goal?) {
        guard applied.policy != nil || !applied.mtaSTS.isEmpty || !applied.host.isEmpty else {
            // A TLS-RPT record alone may go at once: no sender caches it beyond its TTL.
            if goal == nil { wanted.tlsRPT = [] }
            return
        }
        isBlocked = true
        // Reports go last: as long as a policy can be held, its failures must be told.
        if goal?.tlsRPT.isEmpty ?? true { wanted.tlsRPT = applied.tlsRPT }
        findings.append(
            Finding(
                .error, .withdrawalBlocked,
                "the manifest no longer asks for an MTA-STS policy, but senders may still hold the one that was published",
                action:
                    "set 'mode: none' in the manifest and keep it; taking a policy away step by step comes with a later version"
            )
        )
    }
}

extension RecordSet {
    /// The joined strings of each TXT record.
    var texts: [[UInt8]] { data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } } }
}

extension Observation<RecordSet> {
    /// The joined strings of each TXT record that senders get, a wildcard's too.
    var texts: [[UInt8]] {
        switch self {
        case .value(let set): set.texts
        case .absent(.coveredByWildcard(let data)):
            data.compactMap {
                if case .txt(let text)? = try? RecordData(parsing: $0, type: .txt, origin: .root) {
                    text.joined
                } else {
                    nil
                }
            }
        case .absent(.plain), .unknown: []
        }
    }
}
