import Files
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
        try checkShape()
        do {
            for path in [folder, keys] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw Failure(
                .storage,
                "the state folder '\(folder)' can't be made: \(SystemWords.of(error)); name another one under 'state'"
            )
        }
        // SQLite gives its log and its index the rights of the database.
        if try FileStamp.of(database) == nil { try makeEmptyDatabase() }
        for path in [database, log, database + "-shm"] where try FileStamp.of(path)?.isOpenToOthers == true {
            guard chmod(path, 0o600) == 0 else { throw Failure.file(path, errno) }
        }
    }

    /// Made elsewhere and linked into place. The database itself is never opened here: closing a descriptor of it would let go
    /// of the locks that another connection of this process holds (POSIX locks belong to the process).
    private func makeEmptyDatabase() throws(Failure) {
        let temporary = database + ".new-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file(temporary, errno) }
        close(descriptor)
        defer { unlink(temporary) }
        guard link(temporary, database) == 0 || errno == EEXIST else { throw Failure.file(database, errno) }
    }

    /// Runs `body` while no other process of ours makes or migrates this store: GRDB's migrator counts on being alone.
    func alone<Value>(_ body: () throws -> Value) throws -> Value {
        let path = folder + "/migration.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file(path, errno) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Failure.file(path, errno) }
        }
        return try body()
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
