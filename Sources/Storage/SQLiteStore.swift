import GRDB
package import Planning
package import Ports
package import Sealing

/// The embedded store: one SQLite database in the state folder, in WAL mode, flushed before each call returns.
package struct SQLiteStore: RowStore {
    let pool: DatabasePool
    let reader: SQLiteReader
    let files: StoreFiles
    /// Private keys, sealed where a secret is configured.
    let keyFiles: KeyFiles
    private let watch: StoreChanges
    let clock: @Sendable () -> Instant
    /// Seconds after which a lapsed lease may be taken over: the longest that a write may take (design, "Who runs where").
    package let grace: Int

    /// Opens the folder, making it and migrating it as needed. Keys are written under `seal`.
    package static func open(
        folder: String, grace: Int = 60, seal: Seal = .none, clock: @escaping @Sendable () -> Instant
    ) throws(Failure) -> SQLiteStore {
        let files = StoreFiles(folder: folder)
        try files.prepare()
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        do {
            let pool = try files.alone {
                let pool = try DatabasePool(path: files.database, configuration: configuration)
                // A power cut must not take back what a step was told is durable. Said to the one connection that writes, and only now: the
                // pool itself sets NORMAL, by which a commit is not flushed, after whatever its configuration prepares.
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                try pool.read { try Schema.check($0, path: files.database, isOlderFine: true) }
                try Schema.migrator.migrate(pool)
                return pool
            }
            let reader = SQLiteReader(pool, path: files.database, clock: clock)
            return SQLiteStore(
                pool: pool, reader: reader, files: files, keyFiles: KeyFiles(folder: folder, seal: seal),
                watch: StoreChanges(path: files.database), clock: clock,
                grace: grace)
        } catch {
            throw .store(error, files.database)
        }
    }

    package var changes: any ChangeReader { watch }

    package func noteOwn() { watch.noteOwn() }

    package func now() async throws(Failure) -> Instant { clock() }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        try await reader.read(body)
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        let once = OnceScope.current
        do {
            return try await pool.write { [clock] in
                try OnceScope.run(once, body, in: SQLiteConnection(db: $0, now: clock()))
            }
        } catch { throw .store(error, files.database) }
    }

    /// Closes the database so that a reader on a read-only folder finds it whole.
    package func close() throws(Failure) {
        do {
            // SQLite folds the log in and removes it when the last connection closes, if that one may write: so the pool's readers
            // go first.
            try watch.close()
            pool.invalidateReadOnlyConnections()
            try pool.close()
        } catch {
            throw .store(error, files.database)
        }
    }
}
