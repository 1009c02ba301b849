package import DNS
import Planning
package import Ports
import Properties
import Testing

/// What every ledger store must do, told as a story. Real stores and doubles both pass it.
package enum LedgerConformance {
    private static let owner = LeaseOwner(who: "alice", runner: "laptop", command: "certadns apply")
    private static let other = LeaseOwner(who: "bob", runner: "ci-7", command: "certadns apply")
    private static let note = AuditNote(commit: "c0ffee", digest: "d1", what: "done: create policy")

    /// Runs the whole story on a fresh store.
    package static func check(_ store: any LedgerStore, zone: DomainName) async throws {
        try await emptiness(store, zone)
        try await leases(store, zone)
        try await fencing(store, zone)
    }

    private static func emptiness(_ store: any LedgerStore, _ zone: DomainName) async throws {
        #expect(try await store.ledger(of: zone) == ZoneLedger(zone: zone), "a zone never seen is an empty ledger")
        #expect(try await store.ledgers().isEmpty)
        #expect(try await store.history(of: nil, limit: 10).isEmpty)
    }

    private static func leases(_ store: any LedgerStore, _ zone: DomainName) async throws {
        let lease = try await store.acquire(zone, by: owner, for: 100)
        await #expect { _ = try await store.acquire(zone, by: other, for: 100) } throws: {
            ($0 as? Failure)?.kind == .busy
        }
        let renewed = try await store.renew(lease, for: 200)
        #expect(renewed.fencing == lease.fencing)
        try await store.release(renewed)
        let next = try await store.acquire(zone, by: other, for: 100)
        #expect(next.fencing > lease.fencing)
        try await store.release(next)
        try await store.release(next)
    }

    private static func fencing(_ store: any LedgerStore, _ zone: DomainName) async throws {
        let stale = try await store.acquire(zone, by: owner, for: 100)
        try await store.release(stale)
        let current = try await store.acquire(zone, by: other, for: 100)
        let event = LedgerEvent.withdrawn(step: "x")
        await #expect { try await store.record(event, under: stale, audit: note) } throws: {
            ($0 as? Failure)?.kind == .conflict
        }
        try await store.record(event, under: current, audit: note)
        let history = try await store.history(of: zone, limit: 10)
        #expect(history.map(\.owner) == [other])
        #expect(history.first?.note == note)
        #expect(history.map(\.kind) == ["withdrawn"])
        try await store.record(.mxSeen([zone]), under: current, audit: note)
        #expect(try await store.history(of: nil, limit: 10).count == 1, "what MX was seen is no act")
        try await store.release(current)
    }

    /// Random events leave in the store what folding the pure reducer gives.
    package static func checkEvents(_ store: any LedgerStore, zone: DomainName, seed: UInt64) async throws {
        var random = Seeded(seed)
        var expected = ZoneLedger(zone: zone)
        let lease = try await store.acquire(zone, by: owner, for: 1_000)
        for _ in 0..<25 {
            let event = try RandomEvent.make(&random, zone: zone)
            let now = try await store.now()
            try await store.record(event, under: lease, audit: note)
            expected = expected.recording(event, at: now)
        }
        #expect(try await store.ledger(of: zone) == expected, "seed \(seed)")
        #expect(try await store.ledgers() == [expected], "seed \(seed)")
    }
}
