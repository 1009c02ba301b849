import DNS
import Findings
package import MTASTS

extension Mode {
    /// How much a sender does by it: more, the stricter.
    fileprivate var strength: Int {
        switch self {
        case .none: 0
        case .testing: 1
        case .enforce: 2
        }
    }
}

extension Relaxation {
    /// Whether the manifest agrees with it, or ends it: it asks for no more than is let, or for a new generation.
    package func ends(with desired: DesiredZone) -> Bool {
        guard let sts = desired.mtaSTS else { return true }
        return sts.generation > generation || sts.mode.strength <= mode.strength
    }

    /// `policy` made as mild as a person wants it; `nil` where it is mild enough.
    func relaxing(_ policy: Policy) -> Policy? {
        guard policy.mode.strength > mode.strength else { return nil }
        // RFC 8461 §8.3: whoever fetches a policy that is off shall ask again soon.
        return Policy(mode: mode, mx: policy.mx, maxAge: mode == .none ? .day : policy.maxAge)
    }

    fileprivate var finding: Finding {
        Finding(
            .warning, .relaxed, "the policy was relaxed to '\(mode.rawValue)' at \(at): \(reason)",
            action:
                "commit 'mode: \(mode.rawValue)' to agree; or, once the cause is gone, raise 'generation' above \(generation) to end it"
        )
    }
}

extension Stage {
    /// The policy that is asked for, made as mild as a person wants it.
    mutating func relaxing(_ asked: Policy, of desired: DesiredZone, ledger: ZoneLedger?) -> Policy {
        guard let relaxation = ledger?.steering.relaxation, !relaxation.ends(with: desired),
            let milder = relaxation.relaxing(asked)
        else { return asked }
        isRelaxed = true
        findings.append(relaxation.finding)
        return milder
    }

    /// The same where what was applied is kept up: a person's word goes past all that blocks a zone, too.
    func relaxed(_ input: PlannerInput) -> Stage {
        guard !isRelaxed, withdrawal == nil, let ledger = input.ledger, let relaxation = ledger.steering.relaxation,
            !(input.wish.desired(or: ledger).map(relaxation.ends) ?? false), let out = wanted.policy,
            let milder = (try? Policy.parse(Array(out.body.utf8))).flatMap(relaxation.relaxing)
        else { return self }
        let delegation = input.delegation
        let owner = Owned.owner(of: .mtaSTSRecord, zone: ledger.zone, delegation: delegation)
        let body = PolicyIdentity.body(
            for: milder, generation: relaxation.generation, ledger: ledger,
            liveTexts: owner.map { input.live[RecordKey(name: $0, type: .txt)].texts } ?? [],
            served: input.live.hosted.value ?? input.live.servedBody)
        var stage = self
        stage.isRelaxed = true
        stage.findings.append(relaxation.finding)
        stage.wanted.policy = body
        stage.wanted.mtaSTS = Owned.mtaSTSRecord(
            of: ledger.zone, id: body.id, ttl: wanted.mtaSTS.map(\.ttl).max() ?? TTLs().mtaSTS,
            delegation: delegation)
        return stage
    }
}

extension Step {
    /// What a person's word brings about is no commit's doing.
    func asRelaxation(_ stage: Stage) -> Step {
        guard stage.isRelaxed, [.policy, .mtaSTSRecord].contains(resource), causes.contains(.commit) else {
            return self
        }
        var step = self
        step.causes = causes.map { $0 == .commit ? .relaxed : $0 }
        if resource == .policy { step.reason = "a person makes the policy milder, at once" }
        return step
    }
}

extension ZoneLedger {
    /// A relaxation of what is out; `nil` where no policy of the zone is stricter.
    package func relaxation(to mode: Mode, reason: String, at now: Instant) -> Relaxation? {
        let relaxation = Relaxation(
            to: mode, reason: reason, at: now, generation: desired?.zone.mtaSTS?.generation ?? 1)
        let out = applied.policy.flatMap { try? Policy.parse(Array($0.body.utf8)) }
        return out.flatMap(relaxation.relaxing) == nil ? nil : relaxation
    }

    /// Until when a sender may refuse by a policy that was enforced before `now`; `nil` where none can.
    package func refusesUntil(_ now: Instant) -> Instant? {
        held(at: now).filter { $0.mode == .enforce }.map { $0.heldUntil(replacedBy: now) }.max()
    }
}
