import Synchronization

/// Lets at most `limit` callers in at once; the others wait in line.
package final class Gate: Sendable {
    private struct State {
        var free: Int
        var line: [CheckedContinuation<Void, Never>] = []
        var head = 0
    }
    private let state: Mutex<State>

    /// A gate; `limit` is positive.
    package init(limit: Int) { state = Mutex(State(free: limit)) }

    /// Waits for a place. Each entry ends by one ``leave()``.
    package func enter() async {
        if takeFree() { return }
        await withCheckedContinuation { continuation in
            let mayEnter = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.line.append(continuation)
                return false
            }
            if mayEnter { continuation.resume() }
        }
    }

    private func takeFree() -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    /// Gives the place to the next in line.
    package func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.head < state.line.count else {
                state.free += 1
                state.line = []
                state.head = 0
                return nil
            }
            state.head += 1
            return state.line[state.head - 1]
        }
        next?.resume()
    }
}
