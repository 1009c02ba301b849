package import DNS
import Planning
package import Ports
import Properties
import Testing

/// What every keeper of budgets must do, told as a story. Real stores and doubles both pass it.
package enum BudgetConformance {
    private static let owner = LeaseOwner(who: "alice", runner: "laptop", command: "certadns apply")
    private static let note = AuditNote(commit: nil, digest: nil, what: "x")

    private static func claim(_ zone: DomainName, expires: Instant? = nil) throws -> BudgetClaim {
        BudgetClaim(
            zone: zone, host: try zone.prepending("mta-sts"), registered: "example.com", expires: expires)
    }

    /// Runs the story on a fresh store whose clock stands still.
    package static func check(
        _ store: any LedgerStore & IssuanceBudgetStore, zones: [DomainName]
    ) async throws {
        let limits = BudgetLimits(orders: BudgetLimits.Limit(1, per: 100))
        let now = try await store.now()
        #expect(try await store.book(of: "ca") == IssuerBook(), "nothing was ordered yet")
        let first = try await store.acquire(zones[0], by: owner, for: 1_000)
        let second = try await store.acquire(zones[1], by: owner, for: 1_000)
        #expect(try await store.take(claim(zones[0]), at: "ca", within: limits, under: first) == nil)
        #expect(try await store.take(claim(zones[0]), at: "ca", within: limits, under: first) == nil, "the same order")
        let refusal = try await store.take(claim(zones[1]), at: "ca", within: limits, under: second)
        #expect(refusal?.until == now + 100)
        #expect(try await store.refusal(of: claim(zones[1]), at: "ca", within: limits) == refusal)
        #expect(
            try await store.refusal(of: claim(zones[1]), at: "other", within: limits) == nil,
            "each issuer has a budget of its own")
        try await store.giveBack(zones[0], under: first)
        #expect(try await store.take(claim(zones[1]), at: "ca", within: limits, under: second) == nil)
        try await store.giveBack(zones[1], under: second)
        try await holds(store, zones, limits, first)
        try await store.release(first)
        await #expect {
            _ = try await store.take(claim(zones[0]), at: "ca", within: limits, under: first)
        } throws: {
            ($0 as? Failure)?.kind == .conflict
        }
        await #expect { try await store.giveBack(zones[0], under: first) } throws: {
            ($0 as? Failure)?.kind == .conflict
        }
        try await store.release(second)
    }

    private static func holds(
        _ store: any IssuanceBudgetStore & LedgerStore, _ zones: [DomainName], _ limits: BudgetLimits, _ lease: Lease
    ) async throws {
        let now = try await store.now()
        try await store.holdAll(of: "ca", BudgetRefusal(until: now + 50, reason: "the CA says so"))
        try await store.holdAll(of: "ca", BudgetRefusal(until: now + 40, reason: "an earlier end"))
        let hold = BudgetRefusal(until: now + 50, reason: "the CA says so")
        #expect(try await store.refusal(of: claim(zones[1]), at: "ca", within: .none) == hold)
        #expect(try await store.take(claim(zones[0]), at: "ca", within: .none, under: lease) == hold)
        #expect(try await store.hold(of: "ca") == hold)
        #expect(try await store.hold(of: "other") == nil)
        // Only who ends this issuer's wait ends it.
        for event in [IssuanceEvent.waitEnded(issuer: nil), .waitEnded(issuer: "other")] {
            try await store.record(.issuance(event), under: lease, audit: note)
            #expect(try await store.refusal(of: claim(zones[1]), at: "ca", within: .none) == hold, "\(event)")
        }
        try await store.record(.issuance(.waitEnded(issuer: "ca")), under: lease, audit: note)
        #expect(try await store.hold(of: "ca") == nil)
        #expect(try await store.refusal(of: claim(zones[1]), at: "ca", within: .none) == nil)
    }

    /// Random dealings leave in the store what the pure book makes of them, and it answers as the whole book does.
    package static func checkEvents(
        _ store: any LedgerStore & IssuanceBudgetStore, zones: [DomainName], seed: UInt64, advance: (Int) -> Void
    ) async throws {
        var random = Seeded(seed)
        func limit() -> BudgetLimits.Limit? {
            Int.random(in: 0..<3, using: &random) == 0
                ? nil
                : BudgetLimits.Limit(
                    Int.random(in: 1...3, using: &random), per: Int.random(in: 1...300, using: &random))
        }
        let limits = BudgetLimits(
            orders: limit(), registeredDomain: limit(), duplicates: limit(), failedAuthorisations: limit(),
            exemptsRenewals: Bool.random(using: &random))
        var expected = IssuerBook()
        var leases: [DomainName: Lease] = [:]
        for zone in zones { leases[zone] = try await store.acquire(zone, by: owner, for: 1_000_000) }
        for _ in 0..<60 {
            advance(Int.random(in: 0...60, using: &random))
            let now = try await store.now()
            guard let zone = zones.randomElement(using: &random), let lease = leases[zone] else { return }
            let claim = try claim(zone, expires: Bool.random(using: &random) ? now + 5 : nil)
            let facts = CertificateFacts(names: [], notBefore: now, notAfter: now, issuer: "ca", fingerprint: "f")
            let events: [LedgerEvent] = [
                .issuance(.ordered(OpenOrder(url: "u", issuer: "ca", names: [], since: now))), .issuance(.abandoned),
                .issuance(.unproven(claim.host, issuer: "ca")), .issuance(.waitEnded(issuer: "ca")),
                .issuance(.waitEnded(issuer: nil)),
                .outcome(step: "s", resource: .certificate, left: Publication(certificate: facts)),
                .withdrawn(step: "s"),
            ]
            switch Int.random(in: 0..<11, using: &random) {
            case 0...4:
                expected.prune(at: now, longest: limits.longest)
                let wanted = expected.take(claim, within: limits, at: now)
                #expect(try await store.take(claim, at: "ca", within: limits, under: lease) == wanted, "seed \(seed)")
            case 10:
                expected.keepPlace(for: claim, at: now)
                try await store.keepPlace(for: claim, at: "ca", under: lease)
            case 5:
                expected.release(zone)
                try await store.giveBack(zone, under: lease)
            default:
                guard let event = events.randomElement(using: &random) else { return }
                expected.note(event, of: zone, at: now)
                try await store.record(event, under: lease, audit: note)
            }
            #expect(try await store.book(of: "ca").entries.sorted() == expected.entries.sorted(), "seed \(seed)")
            #expect(
                try await store.refusal(of: claim, at: "ca", within: limits)
                    == expected.refusal(of: claim, within: limits, at: now), "seed \(seed)")
        }
    }
}

extension [BudgetEntry] {
    fileprivate func sorted() -> [BudgetEntry] { sorted { "\($0)" < "\($1)" } }
}
