import Foundation
import Synchronization
import UnixSignals

/// The first Ctrl-C (or TERM) finishes the step in hand; the second ends the process, and the next run converges.
final class StopSignal: Sendable {
    private let count = Atomic<Int>(0)

    /// Whether the run shall end.
    var isStopping: Bool { count.load(ordering: .relaxed) > 0 }

    /// Listens for signals as long as `body` runs.
    static func during<Value: Sendable>(_ body: @escaping @Sendable (StopSignal) async throws -> Value) async throws
        -> Value
    {
        let stop = StopSignal()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { stop.hear() }
                return nil
            }
            group.addTask { try await body(stop) }
            defer { group.cancelAll() }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }

    private func hear() {
        if count.add(1, ordering: .relaxed).newValue > 1 { exit(130) }
        Terminal.tell("stopping after the step in hand; once more to stop at once")
    }
}
