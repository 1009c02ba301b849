import Foundation

/// What a key file is for. It is sealed with the file's name, so that no sealed file opens in another one's place.
package enum KeyRole: String, Hashable, Sendable, CaseIterable {
    /// A certificate's key.
    case certificate
    /// The key of an order in progress.
    case pending
    /// An account with a CA.
    case account
    /// The local CA's own.
    case authority
}

/// Seals the octets of key files, and opens them again, in memory alone.
///
/// A sealed file is one line, `CERTADNS-SEALED 1 <cipher> <key id>`, and base64 of salt, nonce, ciphertext and tag. Line, role and
/// name are authenticated with it.
package struct Seal: Sendable {
    /// What new files are sealed under; `nil`: they are written as they are.
    package let current: SealKey?
    /// What older files may be sealed under.
    package let previous: [SealKey]
    /// How new files are sealed.
    package let cipher: Cipher

    /// A seal.
    package init(current: SealKey?, previous: [SealKey] = [], cipher: Cipher = .chacha20Poly1305) {
        self.current = current
        self.previous = previous
        self.cipher = cipher
    }

    /// Without any secret.
    package static let none = Seal(current: nil)

    static let magic = "CERTADNS-SEALED"
    private static let saltLength = 32

    /// How a file was found.
    package enum State: Hashable, Sendable {
        /// As it is.
        case plain
        /// Sealed.
        case sealed(cipher: Cipher, keyID: String)
    }

    /// How new files are written.
    package var wanted: State { current.map { .sealed(cipher: cipher, keyID: $0.id) } ?? .plain }

    /// What `plain` looks like on disk as the file at `path`.
    package func close(_ plain: [UInt8], as role: KeyRole, at path: String) throws(SealError) -> [UInt8] {
        guard let current else { return plain }
        let line = "\(Self.magic) 1 \(cipher.rawValue) \(current.id)"
        let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: 0 ... .max) }
        let known = Self.known(line, role, path)
        guard let box = try? cipher.seal(plain, under: current.derive(salt: salt, for: cipher), with: known) else {
            throw .unmakeable(path: path)
        }
        return Array("\(line)\n\((Data(salt) + box).base64EncodedString())\n".utf8)
    }

    /// The plain octets of a file, and how it was found. A plain file is accepted: it was written before the seal was configured.
    package func open(
        _ octets: [UInt8], as role: KeyRole, at path: String
    ) throws(SealError) -> (plain: [UInt8], state: State) {
        let keys = [current].compactMap { $0 } + previous
        guard let sealed = try Self.parse(octets, path) else {
            // Among sealed files, what is neither PEM nor JSON is no key, but the rest of one.
            guard keys.isEmpty || octets.beginLikeAKey else { throw .broken(path: path) }
            return (octets, .plain)
        }
        guard let key = keys.first(where: { $0.id == sealed.id }) else {
            throw keys.isEmpty
                ? .noKey(path: path, id: sealed.id) : .otherKey(path: path, id: sealed.id, known: keys.map(\.id))
        }
        guard let contents = Data(base64Encoded: sealed.body), contents.count > Self.saltLength,
            let plain = try? sealed.cipher.open(
                Data(contents.dropFirst(Self.saltLength)),
                under: key.derive(salt: Array(contents.prefix(Self.saltLength)), for: sealed.cipher),
                with: Self.known(sealed.line, role, path))
        else { throw .broken(path: path) }
        return (Array(plain), .sealed(cipher: sealed.cipher, keyID: key.id))
    }

    /// The name counts, not its folder: a state folder may move.
    private static func known(_ line: String, _ role: KeyRole, _ path: String) -> [UInt8] {
        Array("\(line)\n\(role.rawValue)\n\((path as NSString).lastPathComponent)".utf8)
    }

    private struct Sealed {
        let line: String
        let cipher: Cipher
        let id: String
        let body: String
    }

    /// `nil` for a file that is not sealed; an empty one, or one that nearly begins as sealed ones do, is damaged.
    private static func parse(_ octets: [UInt8], _ path: String) throws(SealError) -> Sealed? {
        guard octets.starts(with: magic.utf8) else {
            let head = String(decoding: octets.prefix(80), as: UTF8.self)
            let isRest = magic.hasPrefix(head) || Cipher.allCases.contains { head.contains($0.rawValue) }
            if isRest { throw .broken(path: path) }
            return nil
        }
        let lines = octets.split(separator: 0x0a, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, words[0] == magic, words[1] == "1", let cipher = Cipher(rawValue: String(words[2])),
            words[3].utf8.count == 12, words[3].utf8.allSatisfy({ $0.isHexDigit })
        else { throw .unknownForm(path: path) }
        guard lines.count == 3, lines[2].isEmpty else { throw .broken(path: path) }
        return Sealed(line: lines[0], cipher: cipher, id: String(words[3]), body: lines[1])
    }
}

extension [UInt8] {
    fileprivate var beginLikeAKey: Bool {
        let first = first { !($0 == 0x20 || (0x09...0x0d).contains($0)) }
        return first == UInt8(ascii: "-") || first == UInt8(ascii: "{")
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x66).contains(self) }
}
