package import DNS
import GRDB
import MTASTS
package import Planning
package import Ports

/// Reads a state folder: what plan, drift, status and validate are given. It has no way to write (design, rule 11).
package struct SQLiteReader: LedgerReader, PolicyReader, CertificateReader, StoreClock {
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

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(Failure) -> Value {
        do {
            switch source {
            case .pool(let pool): return try await pool.read(body)
            case .untouched(let database): return try await database.read(body)
            }
        } catch {
            throw .store(error, path)
        }
    }

    package func now() async throws(Failure) -> Instant { clock() }

    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger {
        try await read { try LedgerRows.ledger(of: zone, in: $0) }
    }

    package func ledgers() async throws(Failure) -> [ZoneLedger] { try await read { try LedgerRows.all(in: $0) } }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        try await read { try AuditRows.newest(limit, of: zone, in: $0) }
    }

    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] {
        try await read { try DueRows.due(at: now, limit: limit, in: $0) }
    }

    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? {
        try await read { try DueRows.next(after: now, in: $0) }
    }

    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits {
        try await read { try AuditRows.waitsEnded(after: mark, in: $0) }
    }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await read { db in
            let row = try Row.fetchOne(db, sql: "SELECT id, body FROM policy WHERE zone = ?", arguments: [zone.key])
            guard let row else { return nil }
            guard let id = PolicyID(try row.text("id")) else { throw BrokenRow("the policy id of \(zone) is none") }
            return PublishedBody(id: id, body: try row.text("body"))
        }
    }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await read { db in
            let row = try Row.fetchOne(db, sql: "SELECT facts FROM certificate WHERE host = ?", arguments: [host.key])
            return try row?.json(CertificateFacts.self, "facts")
        }
    }
}
