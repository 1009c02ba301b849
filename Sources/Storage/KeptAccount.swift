import Findings
import Foundation
import Ports

/// An account with a CA as it is kept, wherever: JSON, which is sealed as keys are.
struct KeptAccount: Codable, Equatable {
    let directory: String
    private var key: String
    private var url: String?
    private var nextKey: String?
    private var closes: Bool?
    private var candidates: [String]?

    init(_ account: StoredAccount, _ directory: String) {
        self.directory = directory
        key = account.key.reveal()
        url = account.url
        nextKey = account.nextKey?.reveal()
        closes = account.closes ? true : nil
        candidates = account.candidates.isEmpty ? nil : account.candidates.map { $0.reveal() }
    }

    var account: StoredAccount {
        StoredAccount(
            key: Redacted(key), url: url, nextKey: nextKey.map { Redacted($0) }, closes: closes ?? false,
            candidates: (candidates ?? []).map { Redacted($0) })
    }

    static func decoded(_ octets: [UInt8], _ path: String) throws(Failure) -> KeptAccount {
        do { return try JSONDecoder().decode(Self.self, from: Data(octets)) } catch {
            throw Failure(
                .storage,
                "the account '\(path)' can't be read; restore it from a backup, or remove it to make a new one")
        }
    }

    static func encoded(_ account: StoredAccount, _ directory: String) throws(Failure) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(Self(account, directory))) } catch {
            throw Failure(.storage, "the account with \(directory) can't be encoded")
        }
    }

    /// Named by the directory's URL, which may hold any character.
    static func name(of directory: String) -> String {
        directory.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) ? String(UnicodeScalar(byte)) : "-"
        }.joined()
    }
}
