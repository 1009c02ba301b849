import Synchronization

/// The octets that all requests at names of `certadns serve` may take at once; who finds too few left waits in line.
final class RequestRoom: Sendable {
    private struct State {
        var free: Int
        var line: [(octets: Int, turn: CheckedContinuation<Void, Never>)] = []
    }
    private let limit: Int
    private let state: Mutex<State>

    /// A room; `octets` is positive.
    init(octets: Int) {
        limit = octets
        state = Mutex(State(free: octets))
    }

    /// What is taken for a request that wants `octets`: one that wants more than there is has all of it, alone.
    func share(of octets: Int) -> Int { min(max(octets, 0), limit) }

    /// Waits until `share` octets are left, and takes them. Each entry ends by one ``leave(_:)``.
    func enter(_ share: Int) async {
        await withCheckedContinuation { turn in
            let mayEnter = state.withLock { state in
                // Behind those who wait already, also with less: else who wants much never has a turn.
                guard state.line.isEmpty, state.free >= share else {
                    state.line.append((share, turn))
                    return false
                }
                state.free -= share
                return true
            }
            if mayEnter { turn.resume() }
        }
    }

    /// Gives `share` octets back, and the next in line their turn.
    func leave(_ share: Int) {
        let turns = state.withLock { state in
            state.free += share
            var turns: [CheckedContinuation<Void, Never>] = []
            while let next = state.line.first, next.octets <= state.free {
                state.free -= next.octets
                turns.append(next.turn)
                state.line.removeFirst()
            }
            return turns
        }
        for turn in turns { turn.resume() }
    }
}
