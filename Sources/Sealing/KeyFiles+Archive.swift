import Files
package import Ports

extension KeyFiles {
    /// Every key file as it lies, its name counted from the state folder.
    package func lying() throws(Failure) -> [(name: String, octets: [UInt8])] {
        var files: [(name: String, octets: [UInt8])] = []
        for (path, _) in try all() {
            // Gone meanwhile: a newer certificate took its place.
            guard let octets = try Self.octets(path) else { continue }
            files.append((String(path.dropFirst(folder.utf8.count + 1)), octets))
        }
        return files
    }

    /// Puts a file back as it lay, octet by octet; only where keys lie, and only under names that ours have. The caller holds the folder.
    package func put(_ octets: [UInt8], at name: String) throws(Failure) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isOurs =
            name == "ca.key"
            || parts.count == 2 && parts[0] == "keys" && !parts[1].hasPrefix(".")
                && Self.role(of: String(parts[1])) != nil
        guard isOurs else { throw Failure(.storage, "'\(name)' is no place of a key") }
        let path = folder + "/" + name
        do throws(FileError) { try DurableFile.write(octets, to: path, mode: 0o600) } catch {
            throw Self.unwritable(path, error)
        }
    }
}

extension Seal {
    /// Whether these octets lie under a seal, by their first line alone.
    package static func isSealed(_ octets: [UInt8]) -> Bool { octets.starts(with: magic.utf8) }
}
