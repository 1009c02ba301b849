import Findings
import Foundation
package import Ports
import Sealing

/// Accounts lie beside the keys, one file each: the key is a secret like any other.
extension SQLiteStore {
    private struct Kept: Codable, Equatable {
        var directory: String
        var key: String
        var url: String?
        var nextKey: String?
        var closes: Bool?
        var candidates: [String]?

        init(_ account: StoredAccount, _ directory: String) {
            self.directory = directory
            key = account.key.reveal()
            url = account.url
            nextKey = account.nextKey?.reveal()
            closes = account.closes ? true : nil
            candidates = account.candidates.isEmpty ? nil : account.candidates.map { $0.reveal() }
        }
    }

    package func account(of directory: String) async throws(Failure) -> StoredAccount? {
        let path = accountPath(directory)
        guard let octets = try keyFiles.read(path, as: .account) else {
            try await noteURL(nil, of: directory)
            return nil
        }
        let kept = try Self.decoded(octets, path)
        // Also after a crash between file and row, and for a file from before there were rows.
        try await noteURL(kept.url, of: directory)
        return StoredAccount(
            key: Redacted(kept.key), url: kept.url, nextKey: kept.nextKey.map { Redacted($0) },
            closes: kept.closes ?? false, candidates: (kept.candidates ?? []).map { Redacted($0) })
    }

    private static func decoded(_ octets: [UInt8], _ path: String) throws(Failure) -> Kept {
        do { return try JSONDecoder().decode(Kept.self, from: Data(octets)) } catch {
            throw Failure(
                .storage,
                "the account '\(path)' can't be read; restore it from a backup, or remove it to make a new one")
        }
    }

    package func keep(_ account: StoredAccount, of directory: String) async throws(Failure) -> StoredAccount {
        let path = accountPath(directory)
        let octets = try encoded(account, directory)
        if try keyFiles.create(octets, at: path, as: .account) {
            try await noteURL(account.url, of: directory)
            return account
        }
        // Another process was first, and its key counts.
        guard let other = try await self.account(of: directory) else {
            throw Failure(.storage, "the account '\(path)' came and went; run again")
        }
        return other
    }

    package func replace(_ account: StoredAccount, of directory: String) async throws(Failure) {
        let path = accountPath(directory)
        let octets = try encoded(account, directory)
        try await write { [keyFiles] db in
            try keyFiles.write(octets, to: path, as: .account)
            try AccountRows.save(account.url, of: directory, in: db)
        }
    }

    /// Accounts are replaced within transactions that write: of those there is one at a time, of all processes.
    package func replace(
        _ old: StoredAccount, by account: StoredAccount, of directory: String
    ) async throws(Failure) -> Bool {
        let path = accountPath(directory)
        let octets = try encoded(account, directory)
        return try await write { [keyFiles] db in
            guard let held = try keyFiles.read(path, as: .account) else { return false }
            let kept = try Self.decoded(held, path)
            guard kept == Kept(old, kept.directory) else { return false }
            try keyFiles.write(octets, to: path, as: .account)
            try AccountRows.save(account.url, of: directory, in: db)
            return true
        }
    }

    /// The file is the truth; its URL is noted where readers without any secret find it.
    private func noteURL(_ url: String?, of directory: String) async throws(Failure) {
        guard try await read({ try AccountRows.url(of: directory, in: $0) }) != url else { return }
        try await write { try AccountRows.save(url, of: directory, in: $0) }
    }

    private func encoded(_ account: StoredAccount, _ directory: String) throws(Failure) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(Kept(account, directory))) } catch {
            throw Failure(.storage, "the account with \(directory) can't be encoded")
        }
    }

    /// Named by the directory's URL, which may hold any character.
    private func accountPath(_ directory: String) -> String {
        let name = directory.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) ? String(UnicodeScalar(byte)) : "-"
        }
        return keyFiles.path(of: .account, name.joined())
    }
}
