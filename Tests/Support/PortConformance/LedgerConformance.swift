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
        try await attention(store, zone)
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
        try await waits(store, current)
        try await store.release(current)
    }

    /// A wait that is ended is heard of once by each who asks.
    private static func waits(_ store: any LedgerStore, _ lease: Lease) async throws {
        let before = try await store.waitsEnded(after: nil)
        #expect(before.zones.isEmpty)
        #expect(try await store.waitsEnded(after: before.mark) == before)
        try await store.record(.issuance(.abandoned), under: lease, audit: note)
        try await store.record(.issuance(.waitEnded(issuer: nil)), under: lease, audit: note)
        let after = try await store.waitsEnded(after: before.mark)
        #expect(after.zones == [lease.zone])
        #expect(try await store.waitsEnded(after: after.mark) == EndedWaits(zones: [], mark: after.mark))
        #expect(try await store.waitsEnded(after: nil) == EndedWaits(zones: [], mark: after.mark))
    }

    /// What is due is found by its time, and what expires first comes first.
    private static func attention(_ store: any LedgerStore, _ zone: DomainName) async throws {
        let now = try await store.now()
        #expect(try await store.dueForRenewal(at: now, limit: 10).isEmpty)
        #expect(try await store.nextRenewal(after: now) == nil)
        for (label, days) in [("b", 2), ("a", 90), ("c", 3)] {
            let name = try zone.prepending(label)
            let lease = try await store.acquire(name, by: owner, for: 100)
            var left = Publication(
                host: Owned.hostRecords(of: name, target: .cname(try DomainName("h.example")), ttl: 60))
            left.certificate = CertificateFacts(
                names: ["mta-sts.\(name)"], notBefore: now, notAfter: now + days * 86_400, issuer: "ca",
                fingerprint: label)
            for resource in [Resource.policyHost, .certificate] {
                try await store.record(.outcome(step: "", resource: resource, left: left), under: lease, audit: note)
            }
            let moment = RenewalMoment(fingerprint: label, at: now + days * 100, askAgain: now + days * 200)
            if label != "c" {
                try await store.record(.issuance(.renewalDrawn(moment)), under: lease, audit: note)
            }
            try await store.release(lease)
        }
        func due(_ after: Int, _ limit: Int = 10) async throws -> [DueZone] {
            try await store.dueForRenewal(at: now + after, limit: limit)
        }
        #expect(try await due(0).map(\.zone) == [zone.prepending("c")], "a CA that was never asked is asked at once")
        #expect(try await due(199).count == 1)
        #expect(try await store.nextRenewal(after: now) == now + 200)
        #expect(try await due(200).map(\.expires) == [now + 2 * 86_400, now + 3 * 86_400])
        #expect(try await due(9_000).map(\.zone) == ["b", "c", "a"].map { try zone.prepending($0) })
        #expect(try await due(9_000, 2).count == 2)
        #expect(try await due(9_000, -1).isEmpty)
        #expect(try await store.nextRenewal(after: now + 9_000) == nil)
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
        let end = Instant(seconds: .max)
        #expect(
            try await store.dueForRenewal(at: end, limit: 9).map(\.expires)
                == [expected.attention?.expires].compactMap { $0 }, "seed \(seed)")
        #expect(try await store.ledgers() == [expected], "seed \(seed)")
    }
}
