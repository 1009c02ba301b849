import DNS
import Files
import Foundation
import Ports

/// A folder below the root of a policy folder, held open. It is reached step by step, no link followed, and named by its
/// descriptor from then on: whoever may write below the root can't lead us out of it.
struct HostFolder: ~Copyable {
    private let descriptor: Int32
    /// For messages.
    private let shown: String
    /// To whom the root belongs, and with it what is written below.
    let owner: (user: uid_t, group: gid_t)

    /// The folder `root/names…`; `nil` where it is not there, unless it `makes` what is missing. The root itself must be there.
    init?(_ root: String, _ names: [String], makes: Bool = false) throws(Failure) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        var current = open(root, flags)
        var status = stat()
        guard current >= 0, fstat(current, &status) == 0 else {
            guard errno != ENOENT else {
                throw Failure(
                    .storage,
                    "the folder '\(root)' of the policy host is not there; make it, or change 'policy_host: path'")
            }
            throw Self.failure("the folder '\(root)' of the policy host can't be opened", errno)
        }
        let owner = (user: status.st_uid, group: status.st_gid)
        var shown = root
        for name in names {
            shown += "/" + name
            if makes {
                do throws(FileError) {
                    try DurableFile.makeFolder(Self.path(current, name), mode: 0o755, owner: owner)
                } catch {
                    close(current)
                    throw Self.failure("the folder '\(shown)' can't be made", error.number)
                }
            }
            let next = openat(current, name, flags | O_NOFOLLOW)
            let error = errno
            close(current)
            guard next >= 0 else {
                if error == ENOENT { return nil }
                throw error == ENOTDIR || error == ELOOP
                    ? Failure(.storage, "'\(shown)' is no folder but a link or a file; remove it")
                    : Self.failure("the folder '\(shown)' can't be opened", error)
            }
            current = next
        }
        descriptor = current
        self.shown = shown
        self.owner = owner
    }

    deinit { close(descriptor) }

    /// The path of an entry, whatever became of the folder's name meanwhile.
    func path(_ name: String) -> String { Self.path(descriptor, name) }

    private static func path(_ descriptor: Int32, _ name: String) -> String { "/proc/self/fd/\(descriptor)/\(name)" }

    /// A regular file of at most 1 MiB; `nil` where there positively is none.
    func read(_ name: String) throws(Failure) -> [UInt8]? {
        // Not to wait for the writer of a FIFO.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw errno == ELOOP ? noFile(name) : Self.failure("'\(shown)/\(name)' can't be read", errno)
        }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        guard try isRegular(name) else { throw noFile(name) }
        do {
            let limit = 1 << 20
            let data = try handle.read(upToCount: limit + 1) ?? Data()
            guard data.count <= limit else { throw Failure(.storage, "'\(shown)/\(name)' has more than 1 MiB") }
            return Array(data)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.storage, "'\(shown)/\(name)' can't be read: \(SystemWords.of(error))")
        }
    }

    /// Whether a regular file stands there; what else may stand there is an error.
    func isRegular(_ name: String) throws(Failure) -> Bool {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return false }
            throw Self.failure("'\(shown)/\(name)' can't be looked at", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw noFile(name) }
        return true
    }

    func remove(_ name: String) throws(Failure) {
        do throws(FileError) { try DurableFile.remove(path(name)) } catch {
            throw Self.failure("'\(shown)/\(name)' can't be removed", error.number)
        }
    }

    func removeEmptyFolder(_ name: String) throws(Failure) {
        do throws(FileError) { try DurableFile.removeEmptyFolder(path(name)) } catch {
            throw Self.failure("the folder '\(shown)/\(name)' can't be removed", error.number)
        }
    }

    func write(_ files: [(name: String, octets: [UInt8], mode: mode_t)]) throws(Failure) {
        do throws(FileError) {
            try DurableFile.write(together: files.map { (path($0.name), $0.octets, $0.mode) }, owner: owner)
        } catch {
            throw Self.failure("what belongs into '\(shown)' can't be written", error.number)
        }
    }

    private func noFile(_ name: String) -> Failure {
        Failure(.storage, "'\(shown)/\(name)' is no regular file but a link or something else; remove it")
    }

    private static func failure(_ what: String, _ number: Int32) -> Failure {
        Failure(.storage, "\(what): \(String(cString: strerror(number)))")
    }
}
