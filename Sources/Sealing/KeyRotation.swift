import Files
import Foundation
package import Ports

/// How many key files are sealed how: what `certadns keys` shows.
package struct KeyInventory: Hashable, Sendable {
    /// Files that are not sealed.
    package var plain = 0
    /// Files by the key and cipher that they are sealed under.
    package var sealed: [Under: Int] = [:]
    /// Files that can't be opened, each with the reason.
    package var unreadable: [String] = []

    /// What files are sealed under.
    package struct Under: Hashable, Sendable {
        /// The key's id.
        package let keyID: String
        /// The cipher.
        package let cipher: Cipher

        /// A key and a cipher.
        package init(keyID: String, cipher: Cipher) {
            self.keyID = keyID
            self.cipher = cipher
        }
    }

    /// Nothing yet.
    package init() {}

    /// One more that was found so.
    package mutating func count(_ state: Seal.State) {
        switch state {
        case .plain: plain += 1
        case .sealed(let cipher, let id): sealed[Under(keyID: id, cipher: cipher), default: 0] += 1
        }
    }
}

/// What a rotation did.
package struct RotationResult: Hashable, Sendable {
    /// Files written anew as they shall be.
    package var changed = 0
    /// Files that were as they shall be.
    package var same = 0
    /// What writes that were killed had left behind.
    package var leftovers = 0
    /// Files that could not be opened or written, each with the reason; they stay as they are.
    package var failed: [String] = []

    /// Nothing yet.
    package init() {}
}

extension KeyFiles {
    /// How every key file is sealed, judged by opening it where its key is known. Changes nothing.
    package func inventory() throws(Failure) -> KeyInventory {
        var inventory = KeyInventory()
        for (path, role) in try all() {
            // Gone meanwhile: a newer certificate took its place.
            guard let octets = try Self.octets(path) else { continue }
            do throws(SealError) { inventory.count(try seal.open(octets, as: role, at: path).state) } catch {
                inventory.unreadable.append("\(error)")
            }
        }
        return inventory
    }

    /// Why the stored keys can't be opened; `nil` where they can. One file of each role is looked at: all are under one seal, or under
    /// one of the previous ones.
    package func closedToUs() throws(Failure) -> String? {
        var seen: Set<KeyRole> = []
        for (path, role) in try all() where seen.insert(role).inserted {
            guard let octets = try Self.octets(path) else { continue }
            do throws(SealError) { _ = try seal.open(octets, as: role, at: path) } catch { return "\(error)" }
        }
        return nil
    }

    /// Brings every key file under the seal as it is configured; without a secret it takes the seals off. Each file is whole at any
    /// moment, so a rotation that was killed is simply run again.
    package func rotate(after each: (String) throws(Failure) -> Void) throws(Failure) -> RotationResult {
        var result = RotationResult()
        result.leftovers = try locked(alone: true) { () throws(Failure) in try dropLeftovers() }
        for (path, role) in try all() {
            do throws(Failure) {
                let state = try locked(alone: true) { () throws(Failure) in try reseal(path, role) }
                if state == true { result.changed += 1 } else if state == false { result.same += 1 }
            } catch {
                result.failed.append(error.detail)
            }
            try each(path)
        }
        return result
    }

    /// Whether the file was written anew; `nil` when it is gone.
    private func reseal(_ path: String, _ role: KeyRole) throws(Failure) -> Bool? {
        guard let octets = try Self.octets(path) else { return nil }
        let closed: [UInt8]
        do throws(SealError) {
            let (plain, state) = try seal.open(octets, as: role, at: path)
            if state == seal.wanted { return false }
            closed = try seal.close(plain, as: role, at: path)
        } catch {
            throw error.failure
        }
        do throws(FileError) { try DurableFile.write(closed, to: path, mode: 0o600) } catch {
            throw Self.unwritable(path, error)
        }
        return true
    }

    /// Every key file, sorted by path; of what writing leaves behind none.
    func all() throws(Failure) -> [(path: String, role: KeyRole)] {
        var found = try Self.names(in: keys).compactMap { name -> (String, KeyRole)? in
            Self.role(of: name).map { (keys + "/" + name, $0) }
        }
        let authority = path(of: .authority)
        if try Self.octets(authority) != nil { found.append((authority, .authority)) }
        return found
    }

    /// While nobody writes, a half-written file is one that nobody will finish; it may hold a key in the open.
    func dropLeftovers() throws(Failure) -> Int {
        var count = 0
        for (place, prefix) in [(keys, ""), (folder, "ca.key")] {
            for name in try Self.names(in: place) where name.hasPrefix(prefix) && Self.isHalfWritten(name) {
                try Self.drop(place + "/" + name)
                count += 1
            }
        }
        return count
    }

    /// As `DurableFile` names what it is about to put in place; no key file's own name ends so.
    static func isHalfWritten(_ name: String) -> Bool {
        name.contains(#/\.(pem|json|key)\.new-[0-9]+-[0-9]+$/#)
    }

    static func names(in folder: String) throws(Failure) -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw Failure(.storage, "the key folder '\(folder)' can't be read: \(SystemWords.of(error))")
        }
    }
}
