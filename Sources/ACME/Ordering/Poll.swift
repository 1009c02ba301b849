import Ports

/// How a CA that is at work is asked again: when it says, else ever more seldom, and within one run no longer than there is patience.
struct Poll: Sendable {
    /// What the CA is at, for people.
    let what: String
    /// Seconds in all.
    let patience: Int

    /// What is done before the next look.
    enum Step: Hashable, Sendable {
        /// So many milliseconds are waited.
        case wait(Int)
        /// The CA wants to be left alone longer than this run lasts: a later one goes on, no earlier than in so many seconds.
        case later(Int)
        /// There is no patience left.
        case over
    }

    /// Seconds asked for that are waited although they end after the patience does.
    private static let short = 60

    /// The step after so many milliseconds of waiting, where the CA asked for so many seconds. Pure.
    func step(after waited: Int, asked: Int?) -> Step {
        guard waited < patience * 1_000 else { return .over }
        guard let asked else { return .wait(min(max(waited / 4, 100), 10_000)) }
        let wish = max(asked, 1)
        return wish <= Self.short || waited + wish * 1_000 <= patience * 1_000 ? .wait(wish * 1_000) : .later(wish)
    }

    /// Waits at `desk`; gives back the milliseconds, or throws where this run is over.
    func pause(at desk: IssuanceDesk, after waited: Int, asked: Int?) async throws(Failure) -> Int {
        switch step(after: waited, asked: asked) {
        case .over: throw ACMEError.unfinished(what: what, seconds: patience).failure
        case .later(let seconds): throw ACMEError.putOff(what: what, seconds: seconds).failure
        case .wait(let milliseconds):
            try await desk.pause(milliseconds)
            return milliseconds
        }
    }
}
