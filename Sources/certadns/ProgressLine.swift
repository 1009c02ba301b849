import Foundation
import Planning

/// One line at the bottom of a terminal that says how far a run is. Silent where standard error is no terminal.
struct ProgressLine: Sendable {
    private var ended = 0
    private var failed = 0
    private var isShown = false
    private let total: Int
    private let isOn: Bool

    init(total: Int) {
        self.total = total
        isOn = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb" && total > 1
    }

    /// Prints `line` above the progress line, counting `event`.
    mutating func show(_ line: String?, after event: ApplyEvent) {
        if case .ended(let outcome) = event {
            ended += 1
            if outcome.kind == .failed { failed += 1 }
        }
        end()
        if let line { Terminal.print(line) }
        guard isOn else { return }
        Terminal.tell("\(ended) of \(total) zones\(failed == 0 ? "" : ", \(failed) failed") …", terminator: "")
        isShown = true
    }

    /// Takes the line away, before the summary.
    mutating func end() {
        if isShown { Terminal.tell("\r\u{1b}[K", terminator: "") }
        isShown = false
    }
}
