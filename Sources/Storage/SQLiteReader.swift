package import DNS
import Foundation
import GRDB
package import Planning
package import Ports

/// Reads a state folder and changes no byte of it: what plan, drift, status and validate are given (design, rule 11).
package struct SQLiteReader: LedgerReader, PolicyReader, CertificateReader, StoreClock {
    let queue: any DatabaseReader
    let path: String
    private let clock: @Sendable () -> Instant

    init(queue: any DatabaseReader, path: String, clock: @escaping @Sendable () -> Instant) {
        self.queue = queue
        self.path = path
        self.clock = clock
    }

    /// Opens the folder's database read-only; `nil` when there positively is none.
    package static func open(folder: String, clock: @escaping @Sendable () -> Instant) throws(Failure) -> SQLiteReader?
    {
        let files = StoreFiles(folder: folder)
        guard FileManager.default.fileExists(atPath: files.database) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            // A database that was closed cleanly has no log beside it. On a folder that we can't write, SQLite could not make
            // one to read through; told that nobody writes, it does not want one.
            let hasLog = FileManager.default.fileExists(atPath: files.database + "-wal")
            let name = hasLog ? files.database : Self.immutableURI(files.database)
            let queue = try DatabaseQueue(path: name, configuration: configuration)
            try Self.checkVersion(queue, path: files.database)
            return SQLiteReader(queue: queue, path: files.database, clock: clock)
        } catch {
            throw .store(error, files.database)
        }
    }

    private static func immutableURI(_ path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let allowed = CharacterSet(charactersIn: "/-._~").union(.alphanumerics)
        return "file://" + (absolute.addingPercentEncoding(withAllowedCharacters: allowed) ?? absolute) + "?immutable=1"
    }

    /// A database of a later program may mean what we do not understand.
    static func checkVersion(_ reader: any DatabaseReader, path: String) throws {
        let applied = try reader.read { db in
            try db.tableExists("grdb_migrations")
                ? String.fetchSet(db, sql: "SELECT identifier FROM grdb_migrations") : []
        }
        if !applied.isSubset(of: Schema.known) {
            throw Failure(
                .storage, "the store '\(path)' was made by a newer CertaDNS; use that one, or restore an older backup")
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(Failure) -> Value {
        do { return try await queue.read(body) } catch { throw .store(error, path) }
    }

    /// Closes the database at once, rather than when the last copy is gone.
    package func close() throws(Failure) {
        do { try queue.close() } catch { throw .store(error, path) }
    }

    package func now() async throws(Failure) -> Instant { clock() }

    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger {
        try await read { try LedgerRows.ledger(of: zone, in: $0) }
    }

    package func ledgers() async throws(Failure) -> [ZoneLedger] {
        try await read { db in
            let names = try String.fetchAll(
                db, sql: "SELECT zone FROM zone UNION SELECT zone FROM published ORDER BY 1")
            return try names.map { try LedgerRows.ledger(of: DomainName($0), in: db) }
        }
    }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        try await read { db in
            let rows =
                if let zone {
                    try Row.fetchAll(
                        db, sql: "SELECT * FROM audit WHERE zone = ? ORDER BY n DESC LIMIT ?",
                        arguments: [LedgerRows.name(zone), limit])
                } else {
                    try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY n DESC LIMIT ?", arguments: [limit])
                }
            return try rows.map { row in
                AuditEntry(
                    at: Instant(row["at"] as String) ?? Instant(seconds: 0),
                    zone: try DomainName(row["zone"] as String),
                    owner: LeaseOwner(who: row["who"], runner: row["runner"], command: row["command"]),
                    kind: row["kind"],
                    note: AuditNote(commit: row["commit_id"], digest: row["digest"], what: row["what"]))
            }
        }
    }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT id, body FROM policy WHERE zone = ?", arguments: [LedgerRows.name(zone)])
                .flatMap {
                    row in PolicyRow.body(row)
                }
        }
    }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await read { db in
            try String.fetchOne(
                db, sql: "SELECT facts FROM certificate WHERE host = ?", arguments: [LedgerRows.name(host)]
            )
            .map { try LedgerRows.decode(CertificateFacts.self, $0) }
        }
    }
}
