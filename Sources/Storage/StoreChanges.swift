import GRDB
package import Ports
import Synchronization

/// Notices that a store changed: this process's own changes by counting, those of others by SQLite's own counter.
///
/// `PRAGMA data_version` differs when another connection has committed since, but only as seen from one and the same connection
/// (the pool hands out any of several), so this keeps one to itself, from the first question on.
package final class StoreChanges: ChangeReader {
    private enum Watching {
        case notYet
        case over(DatabaseQueue)
        case closed
    }
    private let path: String
    private let count = Atomic<Int>(0)
    private let watching = Mutex<Watching>(.notYet)

    init(path: String) { self.path = path }

    package var own: Int { count.load(ordering: .acquiring) }

    /// Something that is served was stored or removed by this process.
    func noteOwn() { count.add(1, ordering: .acquiringAndReleasing) }

    package func all() async throws(Failure) -> Int {
        do {
            return try await queue().read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        } catch {
            throw .store(error, path)
        }
    }

    private func queue() throws -> DatabaseQueue {
        try watching.withLock { watching in
            switch watching {
            case .over(let queue): return queue
            case .closed: throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the store was closed")
            case .notYet:
                var configuration = Configuration()
                configuration.readonly = true
                configuration.busyMode = .timeout(5)
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                watching = .over(queue)
                return queue
            }
        }
    }

    /// Lets the database go, so that the connection that closes last is one that may write.
    func close() throws {
        try watching.withLock { watching in
            if case .over(let queue) = watching { try queue.close() }
            watching = .closed
        }
    }
}
