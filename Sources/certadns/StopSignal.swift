import Foundation
import Planning
import Synchronization
import UnixSignals

/// The first Ctrl-C (or TERM) finishes the step in hand. The second stops at once: waits end, leases are given back, and what
/// still hangs after a moment ends with the process; the next run converges.
final class StopSignal: Sendable {
    private let count = Atomic<Int>(0)

    /// How long a second signal lets calls in flight end by themselves.
    private static let grace = Duration.seconds(2)

    /// Whether the run shall end.
    var isStopping: Bool { count.load(ordering: .relaxed) > 0 }

    /// Listens for signals as long as `body` runs. `onFirst` is called at the first one. `onHang` says what is known of a run
    /// that a second one could not end, and with which status the process ends.
    func during<Value: Sendable>(
        onFirst: @escaping @Sendable () async -> Void = {}, onHang: @escaping @Sendable () -> ExitStatus,
        body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    if self.isSecond() { return nil }
                    await onFirst()
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
                group.cancelAll()
                // Not a child: it must outlive a body that hangs.
                Task.detached {
                    try? await Task.sleep(for: Self.grace)
                    exit(onHang().rawValue)
                }
            }
            throw CancellationError()
        }
    }

    private func isSecond() -> Bool {
        if count.add(1, ordering: .relaxed).newValue > 1 { return true }
        Terminal.tell("stopping after the step in hand; once more to stop at once")
        return false
    }
}
