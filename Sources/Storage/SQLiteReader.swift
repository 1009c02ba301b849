import GRDB
package import Planning
package import Ports

/// Reads a state folder: what plan, drift, status and validate are given. It has no way to write (design, rule 11).
package struct SQLiteReader: RowReading {
    private enum Source {
        /// The writer's own pool.
        case pool(DatabasePool)
        /// The file, left as it is.
        case untouched(UntouchedDatabase)
    }
    private let source: Source
    private let path: String
    private let clock: @Sendable () -> Instant

    init(_ pool: DatabasePool, path: String, clock: @escaping @Sendable () -> Instant) {
        source = .pool(pool)
        self.path = path
        self.clock = clock
    }

    private init(_ database: UntouchedDatabase, path: String, clock: @escaping @Sendable () -> Instant) {
        source = .untouched(database)
        self.path = path
        self.clock = clock
    }

    /// Opens the folder's database read-only; `nil` when there positively is none.
    package static func open(folder: String, clock: @escaping @Sendable () -> Instant) throws(Failure) -> SQLiteReader?
    {
        let files = StoreFiles(folder: folder)
        try files.checkShape()
        guard try FileStamp.of(files.database) != nil else { return nil }
        return SQLiteReader(try UntouchedDatabase(files), path: files.database, clock: clock)
    }

    /// Closes the database at once, rather than when the last copy is gone.
    package func close() throws(Failure) {
        do {
            switch source {
            case .pool(let pool): try pool.close()
            case .untouched(let database): try database.close()
            }
        } catch {
            throw .store(error, path)
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        let whole: @Sendable (Database) throws -> Value = { [clock] in
            try body(SQLiteConnection(db: $0, now: clock()))
        }
        do {
            switch source {
            case .pool(let pool): return try await pool.read(whole)
            case .untouched(let database): return try await database.read(whole)
            }
        } catch {
            throw .store(error, path)
        }
    }

    package func now() async throws(Failure) -> Instant { clock() }
}
