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

    /// The same where what was applied is kept up: a person's word goes past all that blocks a zone. Whether a manifest ends it that is not
    /// followed now is not asked.
    func relaxed(_ input: PlannerInput) -> Stage {
        guard isKeptUp, !isRelaxed, withdrawal == nil, let ledger = input.ledger,
            let relaxation = ledger.steering.relaxation, let out = wanted.policy,
            let policy = try? Policy.parse(Array(out.body.utf8))
        else { return self }
        let delegation = input.delegation
        let owner = Owned.owner(of: .mtaSTSRecord, zone: ledger.zone, delegation: delegation)
        let texts = owner.map { input.live[RecordKey(name: $0, type: .txt)].texts } ?? []
        var body = out
        if let milder = relaxation.relaxing(policy) {
            body = PolicyIdentity.body(
                for: milder, generation: relaxation.generation, ledger: ledger, liveTexts: texts,
                served: input.live.hosted.value ?? input.live.servedBody)
        } else if PolicyIdentity.announcedID(in: wanted.mtaSTS.flatMap(\.texts)) == out.id {
            return self
        }
        // Also where a run ended between the two: the milder policy is served, and its id has yet to be announced.
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
    /// A relaxation of what is out; `nil` where no policy of the zone is stricter. What was begun, and never seen replaced, is out.
    /// `asked` is the generation of the manifest at hand, where it can be read.
    package func relaxation(to mode: Mode, reason: String, asked: Int?, at now: Instant) -> Relaxation? {
        let relaxation = Relaxation(
            to: mode, reason: reason, at: now,
            generation: max(desired?.zone.mtaSTS?.generation ?? 1, asked ?? 1, steering.relaxation?.generation ?? 1))
        let isStricter = published.contains { $0.replacedAt == nil && $0.mode.strength > mode.strength }
        // A body that is no policy may be taken for anything.
        let isServed = applied.policy.map { body in
            (try? Policy.parse(Array(body.body.utf8))).map { $0.mode.strength > mode.strength } ?? true
        }
        return isStricter || isServed ?? false ? relaxation : nil
    }

    /// Until when a sender may refuse by a policy that was enforced before `now`; `nil` where none can.
    package func refusesUntil(_ now: Instant) -> Instant? {
        held(at: now).filter { $0.mode == .enforce }.map { $0.heldUntil(replacedBy: now) }.max()
    }
}
