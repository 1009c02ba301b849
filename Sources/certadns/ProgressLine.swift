import Foundation
import Planning
import Synchronization

/// One line at the bottom of a terminal that says how far a run is. Silent where standard error is no terminal.
final class ProgressLine: Sendable {
    private struct State {
        var ended = 0
        var failed = 0
        var isShown = false
    }
    private let state = Mutex(State())
    private let total: Int
    private let isOn: Bool

    init(total: Int) {
        self.total = total
        isOn = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb" && total > 1
    }

    /// Prints `line` above the progress line, counting `event`. Lines of several zones do not mix.
    func show(_ line: String?, after event: ApplyEvent) {
        state.withLock { state in
            if case .ended(let outcome) = event {
                state.ended += 1
                if outcome.kind == .failed { state.failed += 1 }
            }
            clear(&state)
            if let line { Terminal.print(line) }
            guard isOn else { return }
            let failed = state.failed == 0 ? "" : ", \(state.failed) failed"
            Terminal.tell("\(state.ended) of \(total) zones\(failed) …", terminator: "")
            state.isShown = true
        }
    }

    /// Takes the line away, before the summary.
    func end() { state.withLock { clear(&$0) } }

    private func clear(_ state: inout State) {
        if state.isShown { Terminal.tell("\r\u{1b}[K", terminator: "") }
        state.isShown = false
    }
}
