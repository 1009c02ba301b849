package import Ports
import Sealing

/// Keys are named as the files of a state folder are, so that a backup of one store is the beginning of the other.
extension PostgreSQLStore {
    package func keyFiles() async throws(Failure) -> [StateRecord.KeyFile] {
        let keys = self.keys
        return try await read { try keys.all(in: $0) }.map {
            StateRecord.KeyFile(name: "keys/\($0.name)", octets: $0.octets, isSealed: true)
        }
    }

    package func defects() async throws(Failure) -> [String] { try await keyDefects() }

    package func restore(
        _ next: @escaping @Sendable () throws -> StateRecord?, isMoved: Bool
    ) async throws(Failure) {
        let keys = self.keys
        try await take(next, isMoved: isMoved) { file, db in try keys.take(file, in: db) }
    }
}
