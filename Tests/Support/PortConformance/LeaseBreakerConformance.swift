package import DNS
import Planning
package import Ports
import Testing

/// What ending leases by force must do, wherever the ledger lies. The store's grace must be 60 seconds.
package enum LeaseBreakerConformance {
    private static let owner = LeaseOwner(who: "alice", runner: "ci-1", command: "certadns apply")
    private static let other = LeaseOwner(who: "bob", runner: "laptop:8", command: "certadns unlock")

    /// Checks a store that knows nothing of `zone` yet.
    package static func check(_ store: some LedgerStore & LeaseBreaker, zone: DomainName) async throws {
        #expect(try await store.holder(of: zone) == nil)
        #expect(try await store.breakLease(of: zone, by: other) == nil)
        let lease = try await store.acquire(zone, by: owner, for: 1_000)
        #expect(try await store.holder(of: zone)?.owner == owner)
        let broken = try #require(try await store.breakLease(of: zone, by: other))
        #expect(broken.owner == owner)
        #expect(broken.freeAt == (try await store.now()) + 60)
        await #expect { _ = try await store.renew(lease, for: 10) } throws: { ($0 as? Failure)?.kind == .conflict }
        await #expect {
            try await store.record(
                .withdrawn(step: "x"), under: lease, audit: AuditNote(commit: nil, digest: nil, what: ""))
        } throws: {
            ($0 as? Failure)?.kind == .conflict
        }
        await #expect { _ = try await store.acquire(zone, by: other, for: 10) } throws: {
            ($0 as? Failure)?.kind == .busy
        }
        let entry = try #require(try await store.history(of: zone, limit: 1).first)
        #expect(entry.owner == other)
        #expect(entry.kind == "lease-broken")
        // Once more changes nothing of when the zone is free.
        #expect(try await store.breakLease(of: zone, by: other)?.freeAt == broken.freeAt)
    }
}
