import Foundation
package import Ports

/// A lock on the key folder's state folder. A process that dies lets go of it.
package struct KeyFolderHold: Sendable {
    private let descriptor: Int32

    /// `nil` where `how` says not to wait and somebody else has it.
    init?(_ folder: String, _ how: Int32) throws(Failure) {
        let descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KeyFiles.unusable(folder, errno) }
        while flock(descriptor, how) != 0 {
            if errno == EINTR { continue }
            let number = errno
            close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw KeyFiles.unusable(folder, number)
        }
        self.descriptor = descriptor
    }

    /// Unlocked first: closing alone leaves the lock to a child that was forked meanwhile. Once only.
    package func release() {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

extension KeyFiles {
    /// Takes away the keys of certificates that `named` does not name, and half-written files: a process that was killed between
    /// a certificate and its key leaves such. `named` says which names count, file names without their ending; it is asked again
    /// while nobody is storing anything, since a key is written before the certificate that names it. Gives back how many are
    /// gone; `nil` when there was something to do and others were at work.
    package func dropUnnamed(_ named: () throws(Failure) -> Set<String>) throws(Failure) -> Int? {
        guard try !stray(named()).isEmpty else { return 0 }
        guard let hold = try KeyFolderHold(folder, LOCK_EX | LOCK_NB) else { return nil }
        defer { hold.release() }
        var count = try dropLeftovers()
        for path in try stray(named()) {
            try Self.drop(path)
            count += 1
        }
        return count
    }

    /// What a sweep would take. Of files that are not named as ours are, none: they are somebody's.
    private func stray(_ named: Set<String>) throws(Failure) -> [String] {
        try Self.names(in: folder + "/keys").filter { name in
            if Self.isHalfWritten(name) { return true }
            guard name.hasSuffix(".pem") else { return false }
            let stem = String(name.dropLast(4))
            return !stem.isEmpty && stem.utf8.allSatisfy(Self.isHex) && !named.contains(stem)
        }.map { folder + "/keys/" + $0 }
    }

    private static func isHex(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x66).contains(octet)
    }
}
