import DNS
import MTASTS
import Planning
import Testing

/// Counters of policies that come from elsewhere.
@Suite struct PolicyCounterTests {
    private static let digest: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    private static func row(_ counter: Int) -> PublishedPolicy {
        PublishedPolicy(
            id: .make(counter: counter, digest: digest), counter: counter, bodyDigest: "", mode: .testing, mx: [],
            maxAge: .longest, largestTTL: 60, intentAt: Instant(seconds: 1))
    }

    @Test(arguments: [
        (0, 1), (41, 42), (PolicyID.largestCounter, PolicyID.largestCounter), (Int.max, PolicyID.largestCounter),
    ])
    func `the next id is one that can be written, however far somebody else counted`(last: Int, next: Int) throws {
        var ledger = ZoneLedger(zone: try DomainName("example.com"))
        ledger.published = [Self.row(last)]
        let policy = Policy(mode: .testing, mx: [], maxAge: .longest)
        let made = PolicyIdentity.body(for: policy, generation: 1, ledger: ledger, liveTexts: [], served: nil)
        #expect(made.id.counter == next)
        #expect(PolicyID(made.id.text) == made.id)
    }

    @Test func `a record that counts to the end brings no counter that has to be counted further`() throws {
        let text = Array("v=STSv1; id=999999999999999x0123456789abcdef;".utf8)
        let policy = Policy(mode: .testing, mx: [], maxAge: .longest)
        let made = PolicyIdentity.body(for: policy, generation: 1, ledger: nil, liveTexts: [text], served: nil)
        #expect(made.id.counter == PolicyID.largestCounter)
    }
}
