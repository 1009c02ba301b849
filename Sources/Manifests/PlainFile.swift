import Findings
import Foundation

/// Reads regular files only: no links, no FIFOs, no devices, nothing beyond a limit. Never waits.
package enum PlainFile {
    /// Why a file was not read.
    package struct Refusal: Error, Hashable, Sendable {
        let code: FindingCode
        /// What is wrong.
        package let message: String
        /// What to do.
        package let action: String
    }

    static let linkWords = "a symbolic link"

    /// The file's octets.
    package static func read(_ path: String, limit: Int) -> Result<[UInt8], Refusal> {
        read(path, in: AT_FDCWD, as: path, limit: limit)
    }

    /// The octets of the file `name` in an open folder; messages show it as `path`.
    static func read(_ name: String, in folder: Int32, as path: String, limit: Int) -> Result<[UInt8], Refusal> {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            return .failure(unreadable(path, errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let kind =
                status.st_mode & S_IFMT == S_IFLNK
                ? linkWords : status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
            return .failure(
                Refusal(
                    code: .fileKind, message: "'\(path)' is \(kind), and was not opened",
                    action: "put a plain file in its place"))
        }
        guard status.st_size <= limit else { return .failure(tooLarge(path, Int(status.st_size), limit)) }
        // O_NOFOLLOW and O_NONBLOCK: it may have become a link or a FIFO since.
        let descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(unreadable(path, errno)) }
        defer { close(descriptor) }
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(
                Refusal(
                    code: .fileKind, message: "'\(path)' is no regular file", action: "put a plain file in its place"))
        }
        // One octet more than there should be: it may be growing.
        var octets = [UInt8](repeating: 0, count: min(Int(status.st_size), limit) + 1)
        var count = 0
        while count < octets.count {
            let more = octets.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if more < 0 { return .failure(unreadable(path, errno)) }
            if more == 0 { break }
            count += more
            if count == octets.count, count <= limit {
                octets += [UInt8](repeating: 0, count: min(count, limit + 1 - count))
            }
        }
        guard count <= limit else { return .failure(tooLarge(path, count, limit)) }
        return .success(Array(octets[..<count]))
    }

    /// What `path` is, if it is neither a regular file nor a folder; unopened.
    static func specialKind(_ path: String, in folder: Int32 = AT_FDCWD) -> String? {
        var status = stat()
        guard fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG, S_IFDIR: return nil
        case S_IFLNK: return linkWords
        default: return "no regular file"
        }
    }

    private static func unreadable(_ path: String, _ error: Int32) -> Refusal {
        Refusal(
            code: .fileUnreadable, message: "'\(path)' can't be read: \(String(cString: strerror(error)))",
            action: "check that it is there and readable")
    }

    private static func tooLarge(_ path: String, _ size: Int, _ limit: Int) -> Refusal {
        Refusal(
            code: .fileTooLarge, message: "'\(path)' has \(size) octets, \(limit) are allowed",
            action: "a manifest is a few lines; remove what does not belong there")
    }
}
