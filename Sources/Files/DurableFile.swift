package import Foundation

/// Files that last: each call is atomic, and when it returns a power cut takes nothing back. A reader sees the old octets or the
/// new ones, whole.
package enum DurableFile {
    /// Replaces `path` by `octets`, or makes it. The file gets `mode`, whatever the umask says, and `owner` as far as we may give
    /// it away. On any error the old file stays as it was.
    package static func write(
        _ octets: some Sequence<UInt8>, to path: String, mode: mode_t, owner: (user: uid_t, group: gid_t)? = nil
    ) throws(FileError) {
        let temporary = try stage(octets, beside: path, mode: mode, owner: owner)
        guard rename(temporary, path) == 0 else { throw drop(temporary, path) }
        try flushFolder(of: path)
    }

    /// Replaces files that belong together, one right after the other in the order given: all are flushed before the first takes
    /// its name, so that only a crash in between leaves new beside old.
    package static func write(
        together files: [(path: String, octets: [UInt8], mode: mode_t)], owner: (user: uid_t, group: gid_t)? = nil
    ) throws(FileError) {
        var staged: [(temporary: String, path: String)] = []
        do throws(FileError) {
            for file in files {
                staged.append((try stage(file.octets, beside: file.path, mode: file.mode, owner: owner), file.path))
            }
            while let (temporary, path) = staged.first {
                guard rename(temporary, path) == 0 else { throw FileError(path, errno) }
                staged.removeFirst()
            }
        } catch {
            for (temporary, _) in staged { unlink(temporary) }
            throw error
        }
        for file in files { try flushFolder(of: file.path) }
    }

    /// Makes a folder with `mode`, whatever the umask says; no error where one stands.
    package static func makeFolder(
        _ path: String, mode: mode_t, owner: (user: uid_t, group: gid_t)? = nil
    ) throws(FileError) {
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return }
            throw FileError(path, errno)
        }
        if let owner { _ = lchown(path, owner.user, owner.group) }
        guard chmod(path, mode) == 0 else { throw FileError(path, errno) }
        try flushFolder(of: path)
    }

    /// Takes a folder away if nothing is in it; no error where something is, or where there is none.
    package static func removeEmptyFolder(_ path: String) throws(FileError) {
        guard rmdir(path) == 0 else {
            if errno == ENOTEMPTY || errno == ENOENT { return }
            throw FileError(path, errno)
        }
        try flushFolder(of: path)
    }

    /// Makes `path` if there is no such file yet; `false` where there is one, which stays: of two that race, the first counts.
    package static func create(_ octets: some Sequence<UInt8>, at path: String, mode: mode_t) throws(FileError) -> Bool
    {
        let temporary = try stage(octets, beside: path, mode: mode, owner: nil)
        return try name(temporary, as: path)
    }

    /// Makes `path` of what was written to `descriptor` under the name `temporary` in the same folder, if there is no such file yet; `false` where
    /// there is one, which stays. The temporary name is gone in any case: for what is too large to be handed over at once.
    package static func settle(_ descriptor: Int32, from temporary: String, as path: String) throws(FileError) -> Bool {
        guard fsync(descriptor) == 0 else { throw drop(temporary, temporary) }
        return try name(temporary, as: path)
    }

    /// Gives a flushed file its name, if there is no such file yet; its temporary name is gone in any case.
    private static func name(_ temporary: String, as path: String) throws(FileError) -> Bool {
        guard link(temporary, path) == 0 else {
            if errno == EEXIST {
                unlink(temporary)
                return false
            }
            throw drop(temporary, path)
        }
        unlink(temporary)
        try flushFolder(of: path)
        return true
    }

    /// Takes `path` away; no error where there is none.
    package static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path, errno) }
        try flushFolder(of: path)
    }

    /// A flushed file under a name that nobody can have laid out for us: O_EXCL follows no link and opens nothing that is there.
    private static func stage(
        _ octets: some Sequence<UInt8>, beside path: String, mode: mode_t, owner: (user: uid_t, group: gid_t)?
    ) throws(FileError) -> String {
        let temporary = path + ".new-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        let isWritten = fill(descriptor, Array(octets))
        if let owner { _ = fchown(descriptor, owner.user, owner.group) }
        guard isWritten, fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            let error = errno
            close(descriptor)
            unlink(temporary)
            throw FileError(path, error)
        }
        close(descriptor)
        return temporary
    }

    private static func fill(_ descriptor: Int32, _ octets: [UInt8]) -> Bool {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }

    private static func drop(_ temporary: String, _ path: String) -> FileError {
        let error = FileError(path, errno)
        unlink(temporary)
        return error
    }

    /// A rename, a link or a removal lasts through a power cut once its folder was flushed.
    private static func flushFolder(of path: String) throws(FileError) {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(folder, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(folder, errno) }
    }
}

/// What the system says of a file.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or its folder.
    package let path: String
    /// The system's number (errno).
    package let number: Int32

    init(_ path: String, _ number: Int32) {
        self.path = path
        self.number = number
    }

    /// The system's words; the path is named by whoever knows what the file is.
    package var description: String { String(cString: strerror(number)) }
}
