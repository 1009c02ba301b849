package import DNS
import Foundation
import GRDB
import MTASTS
package import Planning
package import Ports
package import Sealing

/// The embedded store: one SQLite database in the state folder, in WAL mode, flushed before each call returns.
package struct SQLiteStore: Sendable {
    let pool: DatabasePool
    let reader: SQLiteReader
    let files: StoreFiles
    /// Private keys, sealed where a secret is configured.
    let keyFiles: KeyFiles
    /// Tells those who serve from memory when to look again.
    package let changes: StoreChanges
    let clock: @Sendable () -> Instant
    /// Seconds after which a lapsed lease may be taken over: the longest that a write may take (design, "Who runs where").
    let grace: Int

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
                changes: StoreChanges(path: files.database), clock: clock,
                grace: grace)
        } catch {
            throw .store(error, files.database)
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(Failure) -> Value {
        let once = Self.once
        do {
            return try await pool.write { db in
                guard let once else { return try body(db) }
                return try Self.keeping(once, body, in: db)
            }
        } catch { throw .store(error, files.database) }
    }

    /// Closes the database so that a reader on a read-only folder finds it whole.
    package func close() throws(Failure) {
        do {
            // SQLite folds the log in and removes it when the last connection closes, if that one may write: so the pool's readers
            // go first.
            try changes.close()
            pool.invalidateReadOnlyConnections()
            try pool.close()
        } catch {
            throw .store(error, files.database)
        }
    }
}

extension SQLiteStore: LedgerReader, StoreClock {
    package func now() async throws(Failure) -> Instant { clock() }

    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger { try await reader.ledger(of: zone) }

    package func ledgers() async throws(Failure) -> [ZoneLedger] { try await reader.ledgers() }

    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] {
        try await reader.dueForRenewal(at: now, limit: limit)
    }

    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? {
        try await reader.nextRenewal(after: now)
    }

    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits {
        try await reader.waitsEnded(after: mark)
    }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        try await reader.history(of: zone, limit: limit)
    }
}

extension SQLiteStore: PolicyWriter {
    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await reader.policy(for: zone)
    }

    package func put(_ body: PublishedBody, for zone: DomainName) async throws(Failure) {
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO policy (zone, id, body) VALUES (?, ?, ?)",
                arguments: [zone.key, body.id.text, body.body])
        }
        changes.noteOwn()
    }

    package func remove(for zone: DomainName) async throws(Failure) {
        try await write { try $0.execute(sql: "DELETE FROM policy WHERE zone = ?", arguments: [zone.key]) }
        changes.noteOwn()
    }
}
