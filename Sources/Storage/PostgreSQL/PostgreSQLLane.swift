import Dispatch
import Synchronization

/// One connection and the thread that waits for it: libpq blocks, and a thread of Swift's own pool must not.
final class PostgreSQLLane: Sendable {
    private let queue: DispatchQueue
    private let place: PostgreSQLPlace
    private let kept = Mutex<PostgreSQLLink?>(nil)
    private let refusal = Mutex<Refusal?>(nil)
    private let jobs = Atomic<Int>(0)
    private let isClosed = Atomic(false)

    /// A server that could not be reached a moment ago. Whoever queued up behind a slow attempt is told the same at once: else the
    /// queue would grow by what comes in during each further attempt.
    private struct Refusal {
        let error: PostgreSQLError
        let at: ContinuousClock.Instant
    }
    private static let moment = Duration.milliseconds(300)

    /// How often a transaction that another one was in the way of is run again.
    private static let tries = 3

    init(_ place: PostgreSQLPlace, _ number: Int) {
        self.place = place
        queue = DispatchQueue(label: "certadns.postgresql.\(number)")
    }

    /// How many wait for it, with the one in hand.
    var load: Int { jobs.load(ordering: .relaxed) }

    /// Runs `body` on this lane's thread, after all that was asked for before. A task that is cancelled before its turn does nothing;
    /// what has begun goes on to its end, since half a transaction is none.
    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgreSQLLane) throws -> Value) async throws -> Value {
        let cancelled = Flag()
        jobs.add(1, ordering: .relaxed)
        defer { jobs.subtract(1, ordering: .relaxed) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async {
                    continuation.resume(
                        with: Result {
                            if cancelled.isSet { throw CancellationError() }
                            if self.isClosed.load(ordering: .acquiring) { throw PostgreSQLError.lost("it was closed") }
                            return try body(self)
                        })
                }
            }
        } onCancel: {
            cancelled.set()
        }
    }

    /// Runs a transaction, on this lane's thread: again where others were in its way, or where a connection that had been idle turned
    /// out to be gone. That is safe, for it is `body` that commits, and tells a commit without an answer by another error.
    func perform<Value>(_ body: (PostgreSQLLink) throws -> Value) throws -> Value {
        var collisions = 0
        while true {
            let old = kept.withLock { $0 }
            let link = try old ?? renew()
            do { return try body(link) } catch let error as PostgreSQLError {
                if error.isLost {
                    kept.withLock { $0 = nil }
                    if old != nil { continue }
                }
                collisions += 1
                guard error.isCollision, collisions < Self.tries else { throw error }
            }
        }
    }

    /// A fresh connection, whatever there was.
    func renew() throws -> PostgreSQLLink {
        kept.withLock { $0 = nil }
        if let known = refusal.withLock({ $0 }), .now - known.at < Self.moment { throw known.error }
        let fresh: PostgreSQLLink
        do throws(PostgreSQLError) { fresh = try PostgreSQLLink(place) } catch {
            refusal.withLock { $0 = Refusal(error: error, at: .now) }
            throw error
        }
        try PostgreSQLSession.prepare(fresh, place)
        kept.withLock { $0 = fresh }
        return fresh
    }

    /// Lets the connection go after what was asked for before.
    func close() {
        isClosed.store(true, ordering: .releasing)
        queue.async { self.kept.withLock { $0 = nil } }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }
}
