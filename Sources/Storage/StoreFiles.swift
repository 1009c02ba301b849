import Foundation
import Ports

/// Where a state folder keeps what, and how its files are made.
package struct StoreFiles: Sendable {
    /// The state folder.
    package let folder: String

    /// The files of a state folder.
    package init(folder: String) { self.folder = folder }

    /// Ledger, policies and certificate chains: may be copied, holds no secret.
    package var database: String { folder + "/certadns.sqlite" }

    /// SQLite's write-ahead log: there while somebody has the database open, or after a crash.
    package var log: String { database + "-wal" }

    /// Private keys, one file a certificate, readable by the owner alone.
    package var keys: String { folder + "/keys" }

    /// Makes the folders and an empty database that only the owner can read, before SQLite opens it with the umask's rights.
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
        // SQLite gives its log and its index the rights of the database.
        let descriptor = open(database, O_RDONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file(database, errno) }
        close(descriptor)
        for path in [database, log, database + "-shm"] where try FileStamp.of(path)?.isOpenToOthers == true {
            guard chmod(path, 0o600) == 0 else { throw Failure.file(path, errno) }
        }
    }
}

/// What tells one state of a file from another without reading it.
struct FileStamp: Equatable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    private let mode: UInt32

    /// Whether group or others have any right on it.
    var isOpenToOthers: Bool { mode & 0o077 != 0 }

    /// `nil` only where there positively is no such file: one that may not be looked at is no absent one.
    static func of(_ path: String) throws(Failure) -> FileStamp? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw Failure.file(path, errno)
        }
        return FileStamp(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, mode: status.st_mode)
    }
}

extension Failure {
    /// What the system says of a file of the state folder.
    static func file(_ path: String, _ number: Int32) -> Failure {
        Failure(
            .storage,
            "the store's file '\(path)' can't be used: \(String(cString: strerror(number))); check the folder, its owner and mount"
        )
    }
}
