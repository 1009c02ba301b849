import GRDB
import Ports

extension Failure {
    /// SQLite's and our own words for what a store could not do.
    static func store(_ error: any Error, _ path: String) -> Failure {
        if let failure = error as? Failure { return failure }
        if error is CancellationError {
            return Failure(
                .cancelled, "the run was stopped while it waited for the store '\(path)'; nothing was written")
        }
        guard let database = error as? DatabaseError else { return damaged("\(error)", path) }
        let words = database.message ?? "\(database.resultCode)"
        switch database.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return Failure(.busy, retryable: true, "the store '\(path)' is locked by another process: \(words)")
        case .SQLITE_FULL:
            return Failure(.storage, "the disk of '\(path)' is full; make room and run again, nothing is lost")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return Failure(.storage, "the store '\(path)' can't be opened or written: \(words); check owner and mount")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return damaged(words, path)
        default:
            return Failure(.storage, "the store '\(path)' failed: \(words)")
        }
    }

    /// Bytes that this program never wrote.
    static func damaged(_ what: String, _ path: String) -> Failure {
        Failure(.storage, "the store '\(path)' is damaged: \(what); restore the state folder from a backup")
    }
}

/// A value in a row that this program never wrote; ``Failure/store(_:_:)`` says where it stands.
struct BrokenRow: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = what }
}
