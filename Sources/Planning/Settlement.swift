/// What the ledger has to learn once a plan's steps are done: it must say what is live, also where somebody else already made it so.
package enum Settlement {
    /// The events in order. `held` is the certificate in the store; nothing is said of what waits, nor where something could not be judged.
    package static func events(
        after planned: PlannedZone, of wish: ZoneWish, ledger: ZoneLedger, held: CertificateFacts?, commit: String?,
        at now: Instant
    ) -> [LedgerEvent] {
        guard planned.plan.verdict != .blocked, planned.plan.verdict != .unknown, let stage = planned.stage else {
            return []
        }
        var left = stage.wanted
        left.certificate =
            switch stage.certificate {
            case .kept: held
            case .removed: nil
            case .none: ledger.applied.certificate
            }
        // What waits is not live, whatever is wanted; a stage's own waits are for what is not wanted yet.
        let waiting = Set(planned.plan.holds.filter { !stage.holds.contains($0) }.map(\.resource))
        var events: [LedgerEvent] = []
        for resource in Resource.allCases where !waiting.contains(resource) {
            let isOpen = ledger.intents.contains { $0.resource == resource }
            guard isOpen || ledger.applied.differs(from: left, in: resource) else { continue }
            events.append(.outcome(step: "", resource: resource, left: left))
        }
        guard !waiting.contains(where: { ledger.applied.differs(from: left, in: $0) }) else {
            return events
        }
        let settled = events.reduce(ledger) { $0.recording($1, at: now) }
        switch wish.wish {
        case .unknown, .renewal: break
        case .gone:
            if !settled.isManaged, ledger.desired != nil { events.append(.departed) }
        case .desired(let desired):
            // A withdrawal that was begun is over with a policy that is live again, also by the very manifest that went.
            let isBack = ledger.withdrawnAt != nil && desired.mtaSTS != nil
            if isBack || ledger.unwatchedSince != nil || ledger.desired?.zone != desired
                || ledger.desired?.digest != wish.digest
            {
                events.append(
                    .converged(AppliedDesire(zone: desired, digest: wish.digest, commit: commit, at: now)))
            }
        }
        return events
    }
}

extension LedgerEvent {
    /// What the audit trail says of what a look found out.
    package var surpriseWords: String {
        switch self {
        case .outcome("", _, let left) where !left.mtaSTS.isEmpty:
            "announced while the ledger was not looking: it counts as what stands there"
        case .outcome("", let resource, _): "put back by somebody, and gone again: \(resource.words)"
        case .outcome(_, let resource, _): "begun by a run that ended early, and found done: \(resource.words)"
        case .assumed: "announced, and unknown to a ledger that was restored: it counts as a policy of a year, enforced"
        default: "seen announced: what senders may hold by it counts anew"
        }
    }

    /// What the audit trail says of an event that a settlement made.
    package var settlementWords: String {
        switch self {
        case .outcome(_, let resource, _): "found as wanted: \(resource.words)"
        case .departed: "withdrawn to the end: nothing of the zone is out any more"
        case .converged: "the manifest is live"
        default: kind
        }
    }
}

extension Publication {
    fileprivate func differs(from other: Publication, in resource: Resource) -> Bool {
        switch resource {
        case .tlsRPTRecord: Set(tlsRPT) != Set(other.tlsRPT)
        case .policyHost: Set(host) != Set(other.host)
        case .certificate: certificate != other.certificate
        case .challenge, .delivery: false
        case .policy: policy != other.policy
        case .mtaSTSRecord: Set(mtaSTS) != Set(other.mtaSTS)
        }
    }
}
