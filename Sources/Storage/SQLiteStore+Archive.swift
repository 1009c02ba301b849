import DNS
import Files
import Foundation
import GRDB
import MTASTS
import Planning
package import Ports
import Sealing

extension SQLiteStore: StateArchive {
    package func records(_ visit: @escaping @Sendable (StateRecord) throws -> Void) async throws(Failure) {
        try await reader.read { db in
            for zone in try String.fetchAll(db, sql: ArchiveRows.zones) {
                let name = try DomainName(zone)
                let ledger = try LedgerRows.ledger(of: name, in: db)
                if ledger != ZoneLedger(zone: name) { try visit(.ledger(zone: ledger)) }
            }
            try ArchiveRows.others(in: db, visit)
        }
    }

    package func keyFiles() async throws(Failure) -> [StateRecord.KeyFile] {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        return try keyFiles.lying().map { file in
            StateRecord.KeyFile(name: file.name, octets: file.octets, isSealed: Seal.isSealed(file.octets))
        }
    }

    package func defects() async throws(Failure) -> [String] {
        var found = try await reader.read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }.map {
                "the database is damaged: \($0)"
            }
        }
        let hosts = try await reader.read { try String.fetchAll($0, sql: "SELECT host FROM certificate ORDER BY host") }
        for host in hosts {
            guard let name = try? DomainName(host) else {
                found.append("'\(host)' is no host's name")
                continue
            }
            do throws(Failure) { _ = try await material(for: name) } catch { found.append(error.detail) }
        }
        return found
    }
}

extension SQLiteStore: StateRestoring {
    package func isEmpty() async throws(Failure) -> Bool {
        let isEmpty = try await reader.read { db in
            try ArchiveRows.tables.allSatisfy { table in
                try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \"\(table)\")") == false
            }
        }
        guard isEmpty else { return false }
        return try keyFiles.lying().isEmpty
    }

    package func restore(
        _ next: @escaping @Sendable () throws -> StateRecord?, isMoved: Bool
    ) async throws(Failure) {
        let now = clock()
        let hold = try keyFiles.hold()
        defer { hold.release() }
        let keyFiles = keyFiles
        try await write { db in
            var fencing: [String: Int64] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT zone, fencing FROM lease") {
                fencing[try row.text("zone")] = Int64(try row.integer("fencing"))
            }
            for table in ArchiveRows.tables { try db.execute(sql: "DELETE FROM \"\(table)\"") }
            while let record = try next() {
                switch record {
                case .key(let file): try keyFiles.put(file.octets, at: file.name)
                case .lease(let zone, let number): fencing[zone.key] = max(number, fencing[zone.key] ?? 0)
                case .ledger(let ledger):
                    let known = isMoved ? ledger : ledger.recording(.restored, at: now)
                    try LedgerSaving.save(known, replacing: ZoneLedger(zone: known.zone), in: db)
                case .audit, .policy, .certificate, .account, .token, .budget: try ArchiveRows.take(record, in: db)
                }
            }
            // Whoever held a zone under the old store, or under the one that was here, holds it no more.
            for (zone, number) in fencing {
                try db.execute(
                    sql: """
                        INSERT OR REPLACE INTO lease (zone, fencing, who, runner, command, since, until, released)
                        VALUES (?, ?, '', '', '', ?, ?, 1)
                        """, arguments: [zone, number + 1, now.seconds, now.seconds])
            }
        }
        changes.noteOwn()
    }
}
