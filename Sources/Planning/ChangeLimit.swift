package import DNS
package import Findings
import FoundationEssentials

/// How many zones may change within a day unless somebody names them or accepts the plan: one line of defaults, or one wrong answer
/// to a question for MX, must not move a fleet.
package struct ChangeLimit: Hashable, Sendable {
    /// At most so many zones, or ten.
    package var share: FleetShare

    /// A quarter of the zones.
    package static let usual = ChangeLimit(.percent(25))

    /// A limit.
    package init(_ share: FleetShare) { self.share = share }

    /// How many zones may change in a day where so many are managed.
    package func allowed(of managed: Int) -> Int { max(10, share.of(managed)) }

    /// Why none of the `changing` zones may change, of which nobody spoke; `nil` where they may. Others that changed within a day count,
    /// unless a person had named them or accepted their plan.
    package func block(
        _ changing: Set<DomainName>, of ledgers: some Collection<ZoneLedger>, at now: Instant
    ) -> Finding? {
        let managed = ledgers.count { $0.isManaged && !CertificateOwner(key: $0.zone).isOwnName }
        let recent = ledgers.count { !changing.contains($0.zone) && $0.steering.countedLately(at: now) }
        let allowed = allowed(of: managed)
        guard !changing.isEmpty, changing.count + recent > allowed else { return nil }
        let others = recent == 0 ? "" : ", after \(recent) in the last 24 hours"
        return Finding(
            .error, .changesBlocked,
            "\(changing.count) of \(managed) zones would change\(others); 'max_changes' lets \(allowed) go in a day unless they are named",
            action:
                "look whether one edit or one DNS answer moves them all; if that is meant, save the plan and apply it with '--accept', or name the zone"
        )
    }
}

extension Steering {
    /// Whether a change was begun within a day that nobody had spoken of.
    fileprivate func countedLately(at now: Instant) -> Bool {
        changed.map { $0.counts && now - $0.at < Self.day } ?? false
    }
}

extension ZoneLedger {
    /// That `planned` begins to change what the zone shows; `nil` where it does not. What was never applied in full changes nothing; a
    /// withdrawal has a limit of its own; and one desired state is one change, however many runs it takes.
    package func change(by planned: PlannedZone, of wish: ZoneWish, at now: Instant) -> LedgerEvent? {
        guard desired != nil, let stage = planned.stage, stage.withdrawal == nil, !stage.beginsWithdrawal else {
            return nil
        }
        let causes = Set(planned.plan.steps.filter(\.isLimited).flatMap(\.causes))
        guard causes.contains(.commit) || causes.contains(.mxMoved) else { return nil }
        let digest = wish.changeDigest
        let isKnown = steering.changed?.digest == digest
        let isLate = steering.changed.map { now - $0.at >= Steering.day } ?? true
        guard !isKnown || causes.contains(.mxMoved) && isLate else { return nil }
        return .changing(digest: digest, counts: !wish.isSpokenFor)
    }
}

extension ZoneWish {
    /// Names the desired state, configuration included: a line of either moves a fleet.
    fileprivate var changeDigest: String {
        guard case .desired(let desired) = wish else { return digest }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = (try? encoder.encode(desired)) ?? Data()
        return Digest.hex(String(decoding: bytes, as: UTF8.self))
    }
}

extension Step {
    /// Whether it is a policy, host or record: what senders and their resolvers see of the zone.
    fileprivate var isLimited: Bool {
        switch resource {
        case .tlsRPTRecord, .policyHost, .policy, .mtaSTSRecord: true
        case .certificate, .challenge, .delivery: false
        }
    }
}

extension ZonePlan {
    /// This plan where it may not run before it is accepted: `kept` is what goes on all the same.
    package func withheld(keeping kept: ZonePlan) -> ZonePlan {
        var plan = kept
        let running = Set(kept.steps.map(\.effect))
        plan.withheld = steps.filter { !running.contains($0.effect) }
        return plan
    }

    /// The plan of whoever saw all of it and accepts it.
    package var accepted: ZonePlan {
        guard !withheld.isEmpty else { return self }
        var plan = self
        plan.steps += withheld
        plan.withheld = []
        plan.verdict = .changes
        plan.isAccepted = true
        return plan
    }

    /// Why steps are withheld.
    package var changeBlock: Finding? {
        withheld.isEmpty ? nil : findings.first { $0.code == .changesBlocked }
    }
}
