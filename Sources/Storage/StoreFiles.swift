import Foundation
import GRDB
import Ports

/// Where a state folder keeps what, and how its files are opened.
package struct StoreFiles: Sendable {
    /// The state folder.
    package let folder: String

    /// The files of a state folder.
    package init(folder: String) { self.folder = folder }

    /// Ledger, policies and certificate chains: may be copied, holds no secret.
    package var database: String { folder + "/certadns.sqlite" }

    /// Private keys, one file a host, readable by the owner alone.
    package var keys: String { folder + "/keys" }

    /// Makes the folders, owner only.
    func prepare() throws(Failure) {
        do {
            for path in [folder, keys] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw Failure(
                .storage,
                "the state folder '\(folder)' can't be made: \(error.localizedDescription); name another one under 'state'"
            )
        }
    }
}

extension Failure {
    /// SQLite's and our own words for what a store could not do.
    static func store(_ error: any Error, _ path: String) -> Failure {
        if let failure = error as? Failure { return failure }
        guard let database = error as? DatabaseError else {
            return Failure(.storage, "the store '\(path)' failed: \(error)")
        }
        let words = database.message ?? "\(database.resultCode)"
        switch database.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return Failure(.busy, retryable: true, "the store '\(path)' is locked by another process: \(words)")
        case .SQLITE_FULL:
            return Failure(.storage, "the disk of '\(path)' is full; make room and run again, nothing is lost")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return Failure(.storage, "the store '\(path)' can't be written: \(words); check owner and mount")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return Failure(.storage, "the store '\(path)' is damaged: \(words); restore it from a backup")
        default:
            return Failure(.storage, "the store '\(path)' failed: \(words)")
        }
    }
}
