import Logging
import Ports
import Synchronization

/// Logs a failure that repeats once a minute with a count, not once a request.
final class RepeatedFailures: Sendable {
    private struct State {
        var count = 0
        var last: ContinuousClock.Instant?
    }
    private let state = Mutex(State())
    private let logger: Logger
    private let what: String

    init(logger: Logger, what: String) {
        self.logger = logger
        self.what = what
    }

    func record(_ failure: Failure) {
        let now = ContinuousClock.now
        let count = state.withLock { state -> Int? in
            state.count += 1
            if let last = state.last, now - last < .seconds(60) { return nil }
            defer {
                state.count = 0
                state.last = now
            }
            return state.count
        }
        if let count { logger.error("\(what)", metadata: ["times": "\(count)", "reason": "\(failure)"]) }
    }
}
