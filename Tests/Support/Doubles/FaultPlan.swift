import Ports
import Synchronization

/// Decides which calls of a double fail, and whether before or after they took effect.
package final class FaultPlan: Sendable {
    /// When a call fails.
    package enum Moment: Sendable { case before, after }

    private struct State {
        var calls: [String] = []
        var failing: [Int: Moment] = [:]
    }
    private let state = Mutex(State())

    /// Nothing fails.
    package init() {}

    /// The names of all calls so far: the event stream that tests read the order from.
    package var calls: [String] { state.withLock(\.calls) }

    /// Lets the `number`-th call from now on (0 is the next) fail.
    package func fail(call number: Int, _ moment: Moment) {
        state.withLock { $0.failing[$0.calls.count + number] = moment }
    }

    /// Runs `effect` as the call `name`.
    func run<Value>(_ name: String, _ effect: () throws(Failure) -> Value) throws(Failure) -> Value {
        let moment = state.withLock { state -> Moment? in
            state.calls.append(name)
            return state.failing[state.calls.count - 1]
        }
        let failure = Failure(.timedOut, "the test made '\(name)' fail")
        if moment == .before { throw failure }
        let value = try effect()
        if moment == .after { throw failure }
        return value
    }
}
