/// Whether a failed call is made again, and after how long. Pure: jitter comes in as a number.
package struct RetryDecision: Hashable, Sendable {
    /// Tries in all.
    package var tries: Int
    /// The first wait in milliseconds; each further one is twice as long.
    package var firstWait: Int
    /// The longest wait in milliseconds.
    package var longestWait: Int

    /// The usual: six tries within about eight seconds, longer than a policy host takes to notice a new policy.
    package init(tries: Int = 6, firstWait: Int = 250, longestWait: Int = 5_000) {
        self.tries = tries
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    /// How long to wait in milliseconds after the `attempt`-th try (from 1) failed; `nil` to give up.
    ///
    /// With `onceOnly` a single second try is made: a refusal is seldom a passing one, and insisting looks like an attack.
    /// `jitter` lies in 0..<1 and spreads the wait over its upper half, so that many zones do not return at once.
    package func wait(after attempt: Int, retryable: Bool, onceOnly: Bool = false, jitter: Double) -> Int? {
        guard retryable, attempt < (onceOnly ? 2 : tries) else { return nil }
        let doubled = firstWait << min(attempt - 1, 16)
        let full = min(doubled, longestWait)
        return full / 2 + Int(Double(full / 2) * min(max(jitter, 0), 1))
    }
}
