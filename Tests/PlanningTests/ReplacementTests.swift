import DNS
import Findings
import MTASTS
import Planning
import Testing

/// When an id counts as replaced: seen so on every name server that answers, or expired on those that do not.
@Suite struct ReplacementTests {
    private static let start = Instant(seconds: 1_800_000_000)

    /// A zone whose first policy was replaced by a second one at the primary, at `start`.
    private static func ledger() throws -> ZoneLedger {
        let zone = try DomainName("example.com")
        var ledger = ZoneLedger(zone: zone)
        for counter in 1...2 {
            let id = PolicyID.make(counter: counter, digest: [UInt8](repeating: UInt8(counter), count: 8))
            let row = PublishedPolicy(
                id: id, counter: counter, bodyDigest: "\(counter)", mode: .enforce,
                mx: [try MXPattern(parsing: "mx.example.com")], maxAge: .day, largestTTL: 300, intentAt: start)
            let body = PublishedBody(id: id, body: "body \(counter)")
            let intent = Intent(step: "policy", resource: .policy, at: start)
            var left = Publication(policy: body)
            left.mtaSTS = Owned.mtaSTSRecord(of: zone, id: id, ttl: 300)
            for event in [
                LedgerEvent.intent(intent, policy: row), .outcome(step: "policy", resource: .policy, left: left),
                .outcome(step: "record", resource: .mtaSTSRecord, left: left),
            ] { ledger = ledger.recording(event, at: start) }
        }
        return ledger
    }

    @Test func `the primary alone replaces nothing`() throws {
        let ledger = try Self.ledger()
        #expect(ledger.awaitsReplacement)
        #expect(ledger.published.map(\.replacedAt) == [nil, nil])
        #expect(ledger.published.map(\.supersededAt) == [Self.start, nil])
        #expect(ledger.published[0].heldUntil == nil)
    }

    @Test(arguments: [
        (ReplacementLook(), 0, true), (ReplacementLook(lagging: ["ns2"]), 9_999, false),
        (ReplacementLook(silent: ["ns3"], expire: 100), 99, false),
        (ReplacementLook(silent: ["ns3"], expire: 100), 100, true),
        (ReplacementLook(lagging: ["ns2"], silent: ["ns3"], expire: 100), 100, false),
    ])
    func `a look decides`(look: ReplacementLook, after: Int, isReplaced: Bool) throws {
        let now = Self.start + after
        let ledger = try Self.ledger().recording(.replacementSeen(look), at: now)
        #expect(ledger.published.map(\.replacedAt) == [isReplaced ? now : nil, nil])
        #expect(ledger.replacementLook == (isReplaced ? nil : look))
        #expect(ledger.awaitsReplacement != isReplaced)
    }

    @Test func `an id that is seen again is out again`() throws {
        let ledger = try Self.ledger().recording(.replacementSeen(ReplacementLook()), at: Self.start)
        let first = ledger.published[0].id
        let again = ledger.recording(.seenAnnounced(first, ttl: 300), at: Self.start)
        #expect(again.published.map(\.replacedAt) == [nil, nil])
        #expect(again.published.map(\.supersededAt) == [nil, nil])
    }
}
