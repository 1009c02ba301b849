import Findings
import Foundation
package import Ports

/// Accounts lie beside the keys, one file each: the key is a secret like any other.
extension SQLiteStore: AccountStore {
    private struct Kept: Codable {
        var directory: String
        var key: String
        var url: String?
        var nextKey: String?
    }

    package func account(of directory: String) async throws(Failure) -> StoredAccount? {
        let path = accountPath(directory)
        guard try FileStamp.of(path) != nil else { return nil }
        do {
            let kept = try JSONDecoder().decode(Kept.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            return StoredAccount(key: Redacted(kept.key), url: kept.url, nextKey: kept.nextKey.map { Redacted($0) })
        } catch {
            throw Failure(
                .storage,
                "the account '\(path)' can't be read; restore it from a backup, or remove it to make a new one")
        }
    }

    package func keep(_ account: StoredAccount, of directory: String) async throws(Failure) -> StoredAccount {
        let path = accountPath(directory)
        let temporary = path + ".new-\(UInt64.random(in: 0 ... .max))"
        try write(account, directory, to: temporary)
        defer { unlink(temporary) }
        // link fails where the name exists: then another process was first, and its key counts.
        if link(temporary, path) == 0 { return account }
        guard errno == EEXIST, let other = try await self.account(of: directory) else {
            throw Failure.file(path, errno)
        }
        return other
    }

    package func replace(_ account: StoredAccount, of directory: String) async throws(Failure) {
        try write(account, directory, to: accountPath(directory))
    }

    private func write(_ account: StoredAccount, _ directory: String, to path: String) throws(Failure) {
        let kept = Kept(
            directory: directory, key: account.key.reveal(), url: account.url, nextKey: account.nextKey?.reveal())
        do {
            try SecretFile.write(String(decoding: try JSONEncoder().encode(kept), as: UTF8.self), to: path)
        } catch {
            throw Failure(.storage, "the account '\(path)' can't be written: \(error.localizedDescription)")
        }
    }

    /// Named by the directory's URL, which may hold any character.
    private func accountPath(_ directory: String) -> String {
        let name = directory.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) ? String(UnicodeScalar(byte)) : "-"
        }
        return "\(files.keys)/account-\(name.joined()).json"
    }
}
