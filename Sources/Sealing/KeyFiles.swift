import Files
import Foundation
package import Ports

/// The files of private keys in one folder, read and written through a seal.
///
/// Whoever changes one holds the folder's lock with others; a rotation holds it alone for each file, so that it never writes back
/// what was replaced meanwhile. Reading takes no lock: a file is whole at any time, under the old key or the new one.
package struct KeyFiles: Sendable {
    /// The state folder.
    package let folder: String
    /// How they are sealed.
    package let seal: Seal

    /// The key files of a state folder.
    package init(folder: String, seal: Seal) {
        self.folder = folder
        self.seal = seal
    }

    /// The plain octets; `nil` only when there positively is no such file.
    package func read(_ path: String, as role: KeyRole) throws(Failure) -> [UInt8]? {
        guard let octets = try Self.octets(path) else { return nil }
        do throws(SealError) { return try seal.open(octets, as: role, at: path).plain } catch { throw error.failure }
    }

    /// Replaces the file, or makes it.
    package func write(_ plain: [UInt8], to path: String, as role: KeyRole) throws(Failure) {
        let octets = try closed(plain, role, path)
        try locked(alone: false) { () throws(Failure) in
            do throws(FileError) { try DurableFile.write(octets, to: path, mode: 0o600) } catch {
                throw Self.unwritable(path, error)
            }
        }
    }

    /// Makes the file unless there is one, which stays; whether it was made.
    package func create(_ plain: [UInt8], at path: String, as role: KeyRole) throws(Failure) -> Bool {
        let octets = try closed(plain, role, path)
        return try locked(alone: false) { () throws(Failure) in
            do throws(FileError) { return try DurableFile.create(octets, at: path, mode: 0o600) } catch {
                throw Self.unwritable(path, error)
            }
        }
    }

    /// Takes the file away; no error where there is none.
    package func remove(_ path: String) throws(Failure) {
        try locked(alone: false) { () throws(Failure) in try Self.drop(path) }
    }

    /// A key that is gone stays gone through a power cut.
    static func drop(_ path: String) throws(Failure) {
        do throws(FileError) { try DurableFile.remove(path) } catch { throw unusable(path, error.number) }
    }

    private func closed(_ plain: [UInt8], _ role: KeyRole, _ path: String) throws(Failure) -> [UInt8] {
        do throws(SealError) { return try seal.close(plain, as: role, at: path) } catch { throw error.failure }
    }

    /// `nil` only when there positively is no such file. Longer than any key is no key.
    static func octets(_ path: String) throws(Failure) -> [UInt8]? {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw unusable(path, errno)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do { return Array(try handle.read(upToCount: 1 << 20) ?? Data()) } catch {
            throw Failure(.storage, "the key file '\(path)' can't be read: \(SystemWords.of(error))")
        }
    }

    /// Under a lock on the folder itself, so that no file is made for it. A process that dies lets go of it.
    func locked<Value>(alone: Bool, _ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        guard let hold = try KeyFolderHold(folder, alone ? LOCK_EX : LOCK_SH) else {
            throw Self.unusable(folder, EWOULDBLOCK)
        }
        defer { hold.release() }
        return try body()
    }

    /// Keeps sweeps and rotations out until it is let go: for what takes more than one call to be whole.
    package func hold() throws(Failure) -> KeyFolderHold {
        guard let hold = try KeyFolderHold(folder, LOCK_SH) else { throw Self.unusable(folder, EWOULDBLOCK) }
        return hold
    }

    static func unwritable(_ path: String, _ error: FileError) -> Failure {
        Failure(.storage, "the key file '\(path)' can't be written: \(error); is there room, and is it ours?")
    }

    static func unusable(_ path: String, _ number: Int32) -> Failure {
        Failure(
            .storage,
            "the key file '\(path)' can't be used: \(String(cString: strerror(number))); check the folder, its owner and mount"
        )
    }
}
