package import Ports
import Synchronization

/// Decides which calls of a double fail, and whether before or after they took effect.
package final class FaultPlan: Sendable {
    /// When a call fails.
    package enum Moment: Sendable { case before, after }

    private struct State {
        var calls: [String] = []
        var failing: [Int: Fault] = [:]
        var named: [String: [Fault]] = [:]
        var following: [String: Fault] = [:]
        var witness: @Sendable (String) -> Void = { _ in }

        /// The fault for the next call of this name, if any is left.
        mutating func take(_ name: String) -> Fault? {
            guard let fault = named[name]?.first else { return nil }
            named[name]?.removeFirst()
            return fault
        }
    }
    private struct Fault {
        var moment: Moment
        var kind = Failure.Kind.timedOut
        var isRetryable: Bool
    }
    private let state = Mutex(State())

    /// Nothing fails.
    package init() {}

    /// The names of all calls so far: the event stream that tests read the order from.
    package var calls: [String] { state.withLock(\.calls) }

    /// Lets the `number`-th call from now on (0 is the next) fail.
    package func fail(call number: Int, _ moment: Moment, isRetryable: Bool = false) {
        state.withLock { $0.failing[$0.calls.count + number] = Fault(moment: moment, isRetryable: isRetryable) }
    }

    /// Lets the next calls of this name fail.
    package func fail(
        _ name: String, _ moment: Moment, kind: Failure.Kind = .timedOut, isRetryable: Bool = false, times: Int = 1
    ) {
        let fault = Fault(moment: moment, kind: kind, isRetryable: isRetryable)
        state.withLock { $0.named[name] = Array(repeating: fault, count: times) }
    }

    /// Lets the call right after the next one of this name fail before its effect.
    package func fail(after name: String, isRetryable: Bool) {
        state.withLock { $0.following[name] = Fault(moment: .before, isRetryable: isRetryable) }
    }

    /// From now on nothing fails.
    package func heal() {
        state.withLock { state in
            state.failing = [:]
            state.named = [:]
            state.following = [:]
        }
    }

    /// Is told of each call whose effect took place, right after it: where rules that hold at every moment are checked.
    package func watch(_ witness: @escaping @Sendable (String) -> Void) { state.withLock { $0.witness = witness } }

    /// Runs `effect` as the call `name`.
    func run<Value>(_ name: String, _ effect: () throws(Failure) -> Value) throws(Failure) -> Value {
        let (fault, witness) = state.withLock { state in
            state.calls.append(name)
            if let fault = state.following.removeValue(forKey: name) { state.failing[state.calls.count] = fault }
            return (
                state.take(name) ?? state.failing[state.calls.count - 1], state.witness
            )
        }
        let failure = Failure(
            fault?.kind ?? .timedOut, retryable: fault?.isRetryable ?? false, "the test made '\(name)' fail")
        if fault?.moment == .before { throw failure }
        let value = try effect()
        witness(name)
        if fault?.moment == .after { throw failure }
        return value
    }
}
