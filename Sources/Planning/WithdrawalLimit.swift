package import DNS
import Findings

/// How many zones may lose their policy within a day unless somebody names them: a checkout that lost its files, or one line of
/// defaults, must not take a fleet down.
package struct WithdrawalLimit: Hashable, Sendable {
    /// At most so many zones, or one.
    package var share: FleetShare

    /// One zone or a tenth, the larger.
    package static let usual = WithdrawalLimit(.percent(10))

    /// A limit.
    package init(_ share: FleetShare) { self.share = share }

    /// `wishes` with a finding at each whose withdrawal may not begin. Those of the last day count, whoever began them; who is `named` is
    /// meant, and goes.
    package func judge(
        _ wishes: [ZoneWish], ledgers: [DomainName: ZoneLedger], named: Set<DomainName>, at now: Instant
    ) -> [ZoneWish] {
        let managed = ledgers.values.filter { $0.isManaged && !CertificateOwner(key: $0.zone).isOwnName }
        let leaving = Set(
            wishes.filter { wish in ledgers[wish.zone].map { wish.beginsWithdrawal($0) } ?? false }.map(\.zone))
        let unnamed = leaving.subtracting(named)
        guard !unnamed.isEmpty else { return wishes }
        let recent = ledgers.values.count { $0.withdrawnAt.map { now - $0 < 86_400 } ?? false }
        let staying = managed.count { $0.withdrawnAt == nil && !leaving.contains($0.zone) }
        let allowed = max(1, share.of(managed.count))
        let finding: Finding
        if staying == 0, managed.count > 1 || unnamed.count == managed.count {
            finding = .lastZone
        } else if unnamed.count + recent > allowed {
            finding = .tooMany(unnamed.count, recent: recent, allowed: allowed, managed: managed.count)
        } else {
            return wishes
        }
        return wishes.map { wish in
            guard unnamed.contains(wish.zone) else { return wish }
            var wish = wish
            wish.withdrawalBlock = finding
            return wish
        }
    }
}

extension ZoneWish {
    /// Whether it asks for less than is out, in a zone whose withdrawal was not begun yet.
    fileprivate func beginsWithdrawal(_ ledger: ZoneLedger) -> Bool {
        guard ledger.isManaged, ledger.withdrawnAt == nil, !owner.isOwnName else { return false }
        switch wish {
        case .gone: return true
        case .desired(let desired): return desired.mtaSTS == nil && ledger.hasPolicyOut
        case .unknown, .renewal: return false
        }
    }
}

extension Finding {
    fileprivate static func tooMany(_ count: Int, recent: Int, allowed: Int, managed: Int) -> Finding {
        let others = recent == 0 ? "" : ", after \(recent) in the last 24 hours"
        return Finding(
            .error, .withdrawalBlocked,
            "\(count) of \(managed) zones would lose their policy\(others); 'max_withdrawals' lets \(allowed) go in a day unless they are named",
            action: "bring the manifest back; or, if that is meant, name the zone: 'certadns apply ZONE'")
    }

    fileprivate static var lastZone: Finding {
        Finding(
            .error, .withdrawalBlocked,
            "no zone would be left that has a policy; the last one goes only when it is named",
            action: "look whether the manifests are all there; if that is meant, name the zone: 'certadns apply ZONE'")
    }

    /// Where the records stand, and whether they do, can't change at once: what is out would be lost sight of.
    static var changesHands: Finding {
        Finding(
            .error, .withdrawalBlocked,
            "the manifest gives the zone's DNS into other hands and takes its policy away, both at once",
            action: "do one, apply until it is done, and then the other")
    }

    /// The ledger's word counts on after the manifest is gone.
    static var protected: Finding {
        Finding(
            .error, .withdrawalBlocked, "the zone is protected: what is out is not withdrawn",
            action: "bring the manifest back with 'protect: false', apply, and withdraw it then")
    }
}
