import Planning
import Testing

/// How long a failed call waits for its next try.
@Suite struct RetryDecisionTests {
    private let decision = RetryDecision(tries: 6, firstWait: 250, longestWait: 5_000)

    @Test func `waits double up to the longest, and jitter takes at most half of them`() {
        let longest = (1...5).map { decision.wait(after: $0, retryable: true, jitter: 0.999_999) ?? -1 }
        let shortest = (1...5).map { decision.wait(after: $0, retryable: true, jitter: 0) }
        #expect(shortest == [125, 250, 500, 1_000, 2_000])
        #expect(zip(longest, [250, 500, 1_000, 2_000, 4_000]).allSatisfy { $1 - 1 <= $0 && $0 <= $1 })
        #expect(decision.wait(after: 1_000, retryable: true, jitter: 0) == nil)
    }

    @Test func `what can't pass is not tried again, and a refusal once`() {
        #expect(decision.wait(after: 1, retryable: false, jitter: 0) == nil)
        #expect(decision.wait(after: 1, retryable: true, onceOnly: true, jitter: 0) == 125)
        #expect(decision.wait(after: 2, retryable: true, onceOnly: true, jitter: 0) == nil)
        #expect(decision.wait(after: 6, retryable: true, jitter: 0) == nil, "six tries in all")
    }

    @Test func `jitter out of its range does no harm`() {
        for jitter in [-1.0, 2.0, .infinity] {
            let wait = decision.wait(after: 1, retryable: true, jitter: jitter) ?? -1
            #expect((125...250).contains(wait))
        }
    }
}
