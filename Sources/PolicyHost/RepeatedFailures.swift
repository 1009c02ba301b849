import Logging
import Ports
import Synchronization

/// Logs a failure that repeats once a minute with a count, not once a request, and once that it is over.
final class RepeatedFailures: Sendable {
    private struct State {
        /// Failures that no line has told of yet.
        var untold = 0
        var told: ContinuousClock.Instant?
    }
    private let state = Mutex(State())
    private let logger: Logger
    private let what: String
    private let now: @Sendable () -> ContinuousClock.Instant

    /// `what` can't be read: "certificates". `now` is the clock by which a minute passes.
    init(logger: Logger, what: String, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.logger = logger
        self.what = what
        self.now = now
    }

    /// What `read` gives; its failure is counted and thrown on.
    func watch<Value>(_ read: () async throws(Failure) -> Value) async throws(Failure) -> Value {
        let value: Value
        do throws(Failure) { value = try await read() } catch {
            record(error)
            throw error
        }
        recover()
        return value
    }

    private func record(_ failure: Failure) {
        let now = now()
        let count = state.withLock { state -> Int? in
            state.untold += 1
            if let told = state.told, now - told < .seconds(60) { return nil }
            defer {
                state.untold = 0
                state.told = now
            }
            return state.untold
        }
        if let count { logger.error("\(what) can't be read", metadata: ["times": "\(count)", "reason": "\(failure)"]) }
    }

    /// Tells of the end, and of the failures that no line has told of, unless that was said within this minute too.
    private func recover() {
        let now = now()
        let count = state.withLock { state -> Int? in
            guard let told = state.told, now - told >= .seconds(60) else { return nil }
            defer { state = State() }
            return state.untold
        }
        if let count { logger.notice("\(what) can be read again", metadata: ["times": "\(count)"]) }
    }
}
