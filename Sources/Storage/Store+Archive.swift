import DNS
import MTASTS
import Planning
package import Ports
import Synchronization

/// All that a store keeps, out and in.
extension RowStore {
    package func records(_ visit: @escaping @Sendable (StateRecord) throws -> Void) async throws(Failure) {
        try await read { db in
            try ArchiveRows.ledgers(in: db, visit)
            try ArchiveRows.others(in: db, visit)
        }
    }

    package func isEmpty() async throws(Failure) -> Bool {
        let isEmpty = try await read { db in
            try ArchiveRows.tables.allSatisfy { try !db.exists("SELECT 1 FROM \"\($0)\"", []) }
        }
        guard isEmpty else { return false }
        return try await keyFiles().isEmpty
    }

    /// The certificates whose key can't be used.
    func keyDefects() async throws(Failure) -> [String] {
        var found: [String] = []
        let hosts = try await read {
            try $0.rows("SELECT host FROM certificate ORDER BY host").map { try $0.text("host") }
        }
        for host in hosts {
            guard let name = try? DomainName(host) else {
                found.append("'\(host)' is no host's name")
                continue
            }
            do throws(Failure) { _ = try await material(for: name) } catch { found.append(error.detail) }
        }
        return found
    }

    /// ``StateRestoring/restore(_:isMoved:)``; keys are given to `put`.
    func take(
        _ next: @escaping @Sendable () throws -> StateRecord?, isMoved: Bool,
        put: @escaping @Sendable (StateRecord.KeyFile, any SQLConnection) throws -> Void
    ) async throws(Failure) {
        let isBegun = Mutex(false)
        try await write { db in
            // What was read once can't be read again: half a backup would be taken for all of it.
            let again = isBegun.withLock { begun in
                defer { begun = true }
                return begun
            }
            guard !again else {
                throw Failure(
                    .busy, "others wrote to the store meanwhile, and nothing was changed; stop them, and run again")
            }
            var fencing: [String: Int64] = [:]
            for row in try db.rows("SELECT zone, fencing FROM lease") {
                fencing[try row.text("zone")] = try row.integer("fencing")
            }
            for table in ArchiveRows.tables { try db.run("DELETE FROM \"\(table)\"") }
            while let record = try next() {
                switch record {
                case .key(let file): try put(file, db)
                case .lease(let zone, let number): fencing[zone.key] = max(number, fencing[zone.key] ?? 0)
                case .ledger(let ledger):
                    let known = isMoved ? ledger : ledger.recording(.restored, at: db.now)
                    try LedgerSaving.save(known, replacing: ZoneLedger(zone: known.zone), in: db)
                case .audit, .policy, .certificate, .account, .token, .budget: try ArchiveRows.take(record, in: db)
                }
            }
            // Whoever held a zone under the old store, or under the one that was here, holds it no more.
            for (zone, number) in fencing { try LeaseRows.outdate(zone, number, in: db) }
            try db.noteServed()
        }
        noteOwn()
    }
}
