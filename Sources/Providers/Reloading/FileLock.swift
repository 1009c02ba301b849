import Foundation
import Ports

/// Keeps a second writer of ours away from a file, by a lock file beside it (flock(2)); a process that dies lets go of it.
struct FileLock {
    private let descriptor: Int32

    init(path: String) throws(Failure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.storage, "the lock '\(path)' can't be made: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(.busy, retryable: true, "another process is changing the file of '\(path)'")
        }
    }

    /// Unlocks first: closing alone leaves the lock to a child that was forked meanwhile, until it runs its program.
    func release() {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
