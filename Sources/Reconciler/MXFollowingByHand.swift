package import Planning
package import Ports

extension FleetPlanner {
    /// What a person asks for who only lets policies follow the MX records: each zone as it was last applied, so that no commit goes
    /// along, with the mail hosts of now. Zones without a policy that follows them are left out.
    package func followingMX(_ wishes: [ZoneWish]) async throws(Failure) -> [ZoneWish] {
        guard let ledger else { return [] }
        var following: [ZoneWish] = []
        for wish in wishes {
            guard case .desired = wish.wish, let last = try await ledger.ledger(of: wish.zone).desired,
                last.zone.mtaSTS?.mx.isDerived ?? false
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
