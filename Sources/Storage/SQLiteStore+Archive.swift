import Files
import GRDB
package import Ports
import Sealing

extension SQLiteStore {
    package func keyFiles() async throws(Failure) -> [StateRecord.KeyFile] {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        return try keyFiles.lying().map { file in
            StateRecord.KeyFile(name: file.name, octets: file.octets, isSealed: Seal.isSealed(file.octets))
        }
    }

    package func defects() async throws(Failure) -> [String] {
        let damage = try await read { db in
            try db.rows("PRAGMA integrity_check(20)").map { try $0.text("integrity_check") }.filter { $0 != "ok" }
        }
        return damage.map { "the database is damaged: \($0)" } + (try await keyDefects())
    }

    package func restore(
        _ next: @escaping @Sendable () throws -> StateRecord?, isMoved: Bool
    ) async throws(Failure) {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        let keyFiles = keyFiles
        try await take(next, isMoved: isMoved) { file, _ in try keyFiles.put(file.octets, at: file.name) }
    }
}
