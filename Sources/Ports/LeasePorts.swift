package import DNS
package import Planning

/// Ends leases whose holders are gone, or shall be.
///
/// Contract: durable; the former holder can neither renew its lease nor record anything under it (its fencing number is stale), and nobody
/// takes the zone before a write that the holder may have under way has had its time.
package protocol LeaseBreaker: Sendable {
    /// Ends the lease of `zone` in the name of `owner`, with a line in the audit trail; `nil` where nobody holds it.
    func breakLease(of zone: DomainName, by owner: LeaseOwner) async throws(Failure) -> BrokenLease?
    /// Who holds the zone now; `nil` where nobody does.
    func holder(of zone: DomainName) async throws(Failure) -> BrokenLease?
}

/// A lease that was ended by force, or would be.
package struct BrokenLease: Hashable, Sendable, Codable {
    /// Whose it was.
    package let owner: LeaseOwner
    /// Since when.
    package let since: Instant
    /// When the zone may be taken by others.
    package let freeAt: Instant

    /// A lease.
    package init(owner: LeaseOwner, since: Instant, freeAt: Instant) {
        self.owner = owner
        self.since = since
        self.freeAt = freeAt
    }
}
