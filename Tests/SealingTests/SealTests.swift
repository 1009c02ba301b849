import Findings
import Foundation
import Ports
import Sealing
import Testing

/// One file's seal: what opens it, and what does not.
@Suite struct SealTests {
    static let plain = Array("-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----\n".utf8)

    /// A secret as openssl prints one, another for each seed.
    static func secret(_ seed: UInt8) -> String {
        Data((0..<32).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) &+ seed }).base64EncodedString()
    }

    static func key(_ seed: UInt8) throws -> SealKey { try SealKey(Redacted(secret(seed)), from: "env:SEAL") }

    @Test(arguments: Cipher.allCases)
    func `what is sealed opens under its key and name, and shows neither key nor secret`(cipher: Cipher) throws {
        let key = try Self.key(1)
        let seal = Seal(current: key, cipher: cipher)
        let sealed = try seal.close(Self.plain, as: .certificate, at: "keys/a.pem")
        let text = String(decoding: sealed, as: UTF8.self)
        #expect(text.hasPrefix("CERTADNS-SEALED 1 \(cipher.rawValue) \(key.id)\n"))
        #expect(!text.contains("PRIVATE") && !text.contains(Self.secret(1)))
        let opened = try seal.open(sealed, as: .certificate, at: "elsewhere/a.pem")
        #expect(opened.plain == Self.plain)
        #expect(opened.state == .sealed(cipher: cipher, keyID: key.id))
        #expect(try seal.close(Self.plain, as: .certificate, at: "keys/a.pem") != sealed, "no salt is used twice")
    }

    @Test(arguments: Cipher.allCases)
    func `a file in another one's place, or one bit off, never opens`(cipher: Cipher) throws {
        let seal = Seal(current: try Self.key(1), cipher: cipher)
        let sealed = try seal.close(Self.plain, as: .certificate, at: "keys/a.pem")
        #expect(throws: SealError.broken(path: "keys/b.pem")) {
            try seal.open(sealed, as: .certificate, at: "keys/b.pem")
        }
        #expect(throws: SealError.broken(path: "keys/a.pem")) { try seal.open(sealed, as: .pending, at: "keys/a.pem") }
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: SealError.self) { try seal.open(damaged, as: .certificate, at: "keys/a.pem") }
        }
        for length in [0, 1, 20, sealed.count / 2, sealed.count - 2] {
            #expect(throws: SealError.self) {
                try seal.open(Array(sealed.prefix(length)), as: .certificate, at: "keys/a.pem")
            }
        }
    }

    @Test func `a cipher that the header belies does not open`() throws {
        let key = try Self.key(1)
        let sealed = try Seal(current: key).close(Self.plain, as: .account, at: "a.json")
        let text = String(decoding: sealed, as: UTF8.self)
        let other = Array(text.replacing("chacha20-poly1305", with: "aes-256-gcm").utf8)
        #expect(throws: SealError.broken(path: "a.json")) {
            try Seal(current: key).open(other, as: .account, at: "a.json")
        }
        let later = Array(text.replacing("SEALED 1", with: "SEALED 2").utf8)
        #expect(throws: SealError.unknownForm(path: "a.json")) {
            try Seal(current: key).open(later, as: .account, at: "a.json")
        }
    }

    @Test func `another key, no key and a former key are told apart, in words that name them`() throws {
        let (old, new) = (try Self.key(1), try Self.key(2))
        #expect(old.id != new.id)
        let sealed = try Seal(current: old).close(Self.plain, as: .certificate, at: "keys/a.pem")
        #expect(
            try Seal(current: new, previous: [old]).open(sealed, as: .certificate, at: "keys/a.pem").plain == Self.plain
        )
        let wrong = SealError.otherKey(path: "keys/a.pem", id: old.id, known: [new.id])
        #expect(throws: wrong) { try Seal(current: new).open(sealed, as: .certificate, at: "keys/a.pem") }
        #expect("\(wrong)".contains("sealed under another key (id \(old.id))"))
        let none = SealError.noKey(path: "keys/a.pem", id: old.id)
        #expect(throws: none) { try Seal.none.open(sealed, as: .certificate, at: "keys/a.pem") }
        #expect("\(none)".contains("keys/a.pem") && "\(none)".contains("keys: {seal: {secret:"))
    }

    @Test func `a plain file is accepted, and what is neither PEM nor JSON is none`() throws {
        let seal = Seal(current: try Self.key(1))
        let opened = try seal.open(Self.plain, as: .certificate, at: "keys/a.pem")
        #expect(opened.plain == Self.plain && opened.state == .plain)
        #expect(try seal.open(Array("{}".utf8), as: .account, at: "a.json").state == .plain)
        #expect(throws: SealError.broken(path: "keys/a.pem")) {
            try seal.open([0, 1, 2, 3], as: .certificate, at: "keys/a.pem")
        }
        #expect(throws: SealError.broken(path: "keys/a.pem")) {
            try Seal.none.open([], as: .certificate, at: "keys/a.pem")
        }
    }

    @Test(arguments: [
        "correct horse battery staple", "c2hvcnQ=", String(repeating: "A", count: 44), "",
        Data(repeating: 7, count: 64).base64EncodedString(),
    ])
    func `a secret that could be guessed is refused, not repeated, and what is needed is said`(secret: String) {
        let error = #expect(throws: SealError.self) { try SealKey(Redacted(secret), from: "env:SEAL") }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("env:SEAL") && words.contains("openssl rand -base64 32"))
        #expect(secret.isEmpty || !words.contains(secret))
    }
}
