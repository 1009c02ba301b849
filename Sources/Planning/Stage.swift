import DNS
package import Findings
import MTASTS

/// What may be public now: the one place that decides transitions and waits. Everything after it only compares.
package struct Stage: Hashable, Sendable {
    /// What the zone shall show now. Its certificate is always `nil`: ``certificate`` asks for one.
    package var wanted: Publication
    /// What shall become of the policy host's certificate.
    package var certificate: CertificateWish
    /// The policy follows the MX records, which moved since it was applied.
    package var mxMoved: Bool
    /// What is due but waits.
    package var holds: [Hold]
    /// What stands against it, or should be known.
    package var findings: [Finding]
    /// A person is needed.
    package var isBlocked: Bool
    /// How far the withdrawal of a policy has come that nobody asks for any more; `nil` where one is asked for, or none is out.
    package var withdrawal: Withdrawal?
    /// The ledger has to learn that a withdrawal begins.
    package var beginsWithdrawal: Bool
    /// The policy is the one that was applied, since nothing could be decided, or a person is needed.
    package var isKeptUp: Bool
    /// The policy is milder than what is asked for, since a person wants it so.
    package var isRelaxed: Bool

    /// What shall become of a certificate.
    package enum CertificateWish: Hashable, Sendable {
        /// It is issued, renewed and delivered.
        case kept
        /// There is none to speak of.
        case none
        /// It goes, with its key.
        case removed
    }

    /// `wanted` with a certificate or none; nothing waits.
    package init(_ wanted: Publication, certificate: CertificateWish) {
        self.wanted = wanted
        self.wanted.certificate = nil
        self.certificate = certificate
        mxMoved = false
        holds = []
        findings = []
        isBlocked = false
        withdrawal = nil
        beginsWithdrawal = false
        isKeptUp = false
        isRelaxed = false
    }
}

extension Stage {
    /// Goal, ledger, live world and time to what may be public now.
    package static func decide(
        _ reading: GoalReading, desired: DesiredZone, ledger: ZoneLedger?, live: LiveZone, now: Instant,
        waived: Set<FindingCode> = [], withdrawalBlock: Finding? = nil, followsMX: Bool = false
    ) -> Stage {
        let applied = ledger?.applied ?? Publication()
        var stage = Stage.keepingUp(applied)
        stage.findings = reading.findings
        if !reading.blocking.isEmpty {
            stage.isBlocked = true
            stage.findings += reading.blocking
            return stage
        }
        // Whether a domain without mail is one can't be told: nothing is taken away on a guess (design, rule 10).
        if !desired.receivesMail, !reading.policyIsKnown { return stage }
        stage.wanted.tlsRPT = reading.goal.tlsRPT
        guard reading.policyIsKnown else { return stage }
        guard let asked = reading.goal.policy else {
            if let known = ledger?.desired?.zone, known.delegation != desired.delegation, ledger?.hasPolicyOut ?? false
            {
                stage.isBlocked = true
                stage.findings.append(.changesHands)
                return stage
            }
            stage.withdraw(
                ledger ?? ZoneLedger(zone: desired.zone), reports: reading.goal.tlsRPT, live: live, at: now,
                unless: desired.protect ?? false ? .protected : withdrawalBlock)
            return stage
        }
        let tempered = stage.tempered(
            stage.relaxing(asked, of: desired, ledger: ledger), ledger: ledger, live: live, waived: waived, now: now)
        let hosts = (live.mx.value ?? []).map(\.host)
        let policy = stage.following(
            tempered, sts: desired.mtaSTS, ledger: ledger, live: live, isByHand: followsMX,
            now: now)
        let owner = Owned.owner(of: .mtaSTSRecord, zone: desired.zone, delegation: desired.delegation)
        let texts = owner.map { live[RecordKey(name: $0, type: .txt)].texts } ?? []
        let body = PolicyIdentity.body(
            for: policy, generation: reading.goal.generation, ledger: ledger, liveTexts: texts,
            served: live.hosted.value ?? live.servedBody)
        stage.isKeptUp = false
        stage.wanted.host = reading.goal.host
        stage.wanted.policy = body
        stage.wanted.mtaSTS = Owned.mtaSTSRecord(
            of: desired.zone, id: body.id, ttl: desired.ttl.mtaSTS, delegation: desired.delegation)
        stage.certificate = .kept
        if let block = Stage.coverBlock(
            of: policy, hosts: hosts, isNew: body.id != applied.policy?.id, sts: desired.mtaSTS, waived: waived)
        {
            let findings = stage.findings
            stage = .keepingUp(applied)
            stage.isBlocked = true
            stage.findings = findings + [block]
            return stage
        }
        stage.tellUnfit(desired, ledger: ledger, live: live)
        if let ledger {
            stage.tellCaches(ledger, hosts: hosts, isDerived: desired.mtaSTS?.mx.isDerived ?? false, at: now)
            stage.tellAnnounced(desired.mtaSTS, ledger: ledger, hosts: hosts, at: now)
            stage.tellHistory(desired.mtaSTS, ledger: ledger, hosts: hosts, at: now)
        }
        stage.mxMoved =
            !stage.isRelaxed && ledger?.desired?.zone.withoutFollowing == desired.withoutFollowing
            && applied.policy.map { $0.body != body.body } ?? false
        return stage
    }

    /// What was applied is kept up: nothing new is made, nothing is taken away.
    package static func keepingUp(_ applied: Publication) -> Stage {
        var stage = Stage(applied, certificate: applied.keepsCertificate ? .kept : .none)
        stage.isKeptUp = true
        return stage
    }

    /// A zone that no manifest names any more.
    package static func gone(
        _ ledger: ZoneLedger, live: LiveZone, now: Instant, withdrawalBlock: Finding? = nil
    ) -> Stage {
        var stage = keepingUp(ledger.applied)
        stage.withdraw(
            ledger, reports: [], live: live, at: now,
            unless: ledger.desired?.zone.protect ?? false ? .protected : withdrawalBlock)
        return stage
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
