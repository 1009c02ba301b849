import Files
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
        let octets = try encoded(account, directory)
        do throws(FileError) {
            if try DurableFile.create(octets, at: path, mode: 0o600) { return account }
        } catch {
            throw Self.unwritable(error)
        }
        // Another process was first, and its key counts.
        guard let other = try await self.account(of: directory) else {
            throw Failure(.storage, "the account '\(path)' came and went; run again")
        }
        return other
    }

    package func replace(_ account: StoredAccount, of directory: String) async throws(Failure) {
        let octets = try encoded(account, directory)
        do throws(FileError) { try DurableFile.write(octets, to: accountPath(directory), mode: 0o600) } catch {
            throw Self.unwritable(error)
        }
    }

    private func encoded(_ account: StoredAccount, _ directory: String) throws(Failure) -> Data {
        let kept = Kept(
            directory: directory, key: account.key.reveal(), url: account.url, nextKey: account.nextKey?.reveal())
        do { return try JSONEncoder().encode(kept) } catch {
            throw Failure(.storage, "the account with \(directory) can't be encoded")
        }
    }

    private static func unwritable(_ error: FileError) -> Failure {
        Failure(.storage, "the account can't be kept: \(error)")
    }

    /// Named by the directory's URL, which may hold any character.
    private func accountPath(_ directory: String) -> String {
        let name = directory.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) ? String(UnicodeScalar(byte)) : "-"
        }
        return "\(files.keys)/account-\(name.joined()).json"
    }
}
