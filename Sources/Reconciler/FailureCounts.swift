package import DNS
import Synchronization

/// Decides which failures are told: the first of its kind at once, then one a minute with a count, whichever zones they hit.
package final class FailureCounts: Sendable {
    private struct Failing {
        var times = 0
        var last: ContinuousClock.Instant?
    }
    private let state = Mutex<[String: Failing]>([:])
    private let pause: Duration
    private let limit: Int

    /// At most `limit` kinds are kept apart; beyond that all are told anew.
    package init(pause: Duration = .seconds(60), limit: Int = 1_000) {
        self.pause = pause
        self.limit = limit
    }

    /// How often it happened since it was last told, if it is to be told now. The same words about another zone are the same failure.
    package func told(_ reason: String, of zone: DomainName?, at now: ContinuousClock.Instant) -> Int? {
        let key = zone.map { reason.replacing($0.description, with: "*") } ?? reason
        return state.withLock { state in
            if state.count >= limit, state[key] == nil { state = [:] }
            var failing = state[key] ?? Failing()
            failing.times += 1
            if let last = failing.last, now - last < pause {
                state[key] = failing
                return nil
            }
            state[key] = Failing(times: 0, last: now)
            return failing.times
        }
    }
}
