package import Planning
package import Ports
package import Sealing
import Synchronization

/// The store of several machines: one PostgreSQL database, whose server's clock is everybody's. Private keys are rows, always sealed.
package struct PostgreSQLStore: RowStore {
    let database: PostgreSQLDatabase
    let keys: SealedRows
    private let watch: PostgreSQLChanges
    package let grace: Int

    /// Connects, and makes or migrates the tables as needed. Keys are written under `seal`, which must have a secret. `clock` is told
    /// the server's time and says what it is taken for: tests let it stand still.
    package static func open(
        _ place: PostgreSQLPlace, grace: Int = 60, seal: Seal, clock: @escaping @Sendable (Instant) -> Instant = { $0 }
    ) async throws(Failure) -> PostgreSQLStore {
        let keys = try SealedRows(place, seal)
        let database = PostgreSQLDatabase(place, clock: clock)
        do throws(Failure) { try await database.migrate() } catch {
            database.close()
            throw error
        }
        return PostgreSQLStore(database: database, keys: keys, watch: PostgreSQLChanges(database), grace: grace)
    }

    package var changes: any ChangeReader { watch }

    package func noteOwn() { watch.noteOwn() }

    package func now() async throws(Failure) -> Instant { try await database.read { $0.now } }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        try await database.read(body)
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        let once = OnceScope.current
        return try await database.write { try OnceScope.run(once, body, in: $0) }
    }

    package func close() throws(Failure) { database.close() }
}

/// Reads a PostgreSQL store: what plan, drift, status and validate are given. It has no way to write (design, rule 11), and a role that
/// may only read is enough for it.
package struct PostgreSQLReader: RowReading {
    let database: PostgreSQLDatabase

    /// Connects; `nil` when there positively is no store.
    package static func open(_ place: PostgreSQLPlace) async throws(Failure) -> PostgreSQLReader? {
        let database = PostgreSQLDatabase(place)
        do throws(Failure) {
            if try await database.isThere() { return PostgreSQLReader(database: database) }
        } catch {
            database.close()
            throw error
        }
        database.close()
        return nil
    }

    private init(database: PostgreSQLDatabase) { self.database = database }

    package func now() async throws(Failure) -> Instant { try await database.read { $0.now } }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value {
        try await database.read(body)
    }

    /// Lets the connections go.
    package func close() { database.close() }
}

/// Notices that a store changed: this process's own changes by counting, those of others by the count that every such change raises in
/// its own transaction.
private final class PostgreSQLChanges: ChangeReader {
    private let database: PostgreSQLDatabase
    private let count = Atomic<Int>(0)

    init(_ database: PostgreSQLDatabase) { self.database = database }

    var own: Int { count.load(ordering: .acquiring) }

    func noteOwn() { count.add(1, ordering: .acquiringAndReleasing) }

    func all() async throws(Failure) -> Int {
        try await database.read { try $0.row("SELECT n FROM served")?.count("n") ?? 0 }
    }
}
