package import Planning
package import Ports

extension FleetPlanner {
    /// What a person asks for who only lets policies follow the MX records: each zone as it was last applied, so that no commit goes
    /// along, with the mail hosts of now. Zones without a policy that follows them are left out, and those whose withdrawal has begun.
    package func followingMX(_ wishes: [ZoneWish]) async throws(Failure) -> [ZoneWish] {
        guard let ledger else { return [] }
        var following: [ZoneWish] = []
        for wish in wishes {
            let known = try await ledger.ledger(of: wish.zone)
            guard case .desired(let now) = wish.wish, known.withdrawnAt == nil, let last = known.desired,
                last.zone.mtaSTS?.mx.isDerived ?? false, now.mtaSTS?.mode == last.zone.mtaSTS?.mode
            else { continue }
            var copy = wish
            copy.wish = .desired(last.zone)
            copy.digest = last.digest
            copy.followsMX = true
            following.append(copy)
        }
        return following
    }
}
