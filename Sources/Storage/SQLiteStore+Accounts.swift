package import Ports
import Sealing

/// Accounts lie beside the keys, one file each: the key is a secret like any other.
extension SQLiteStore {
    package func account(of directory: String) async throws(Failure) -> StoredAccount? {
        let path = accountPath(directory)
        guard let octets = try keyFiles.read(path, as: .account) else {
            try await noteURL(nil, of: directory)
            return nil
        }
        let account = try KeptAccount.decoded(octets, path).account
        // Also after a crash between file and row, and for a file from before there were rows.
        try await noteURL(account.url, of: directory)
        return account
    }

    package func keep(_ account: StoredAccount, of directory: String) async throws(Failure) -> StoredAccount {
        let path = accountPath(directory)
        let octets = try KeptAccount.encoded(account, directory)
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
        let octets = try KeptAccount.encoded(account, directory)
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
        let octets = try KeptAccount.encoded(account, directory)
        return try await write { [keyFiles] db in
            guard let held = try keyFiles.read(path, as: .account) else { return false }
            let kept = try KeptAccount.decoded(held, path)
            guard kept == KeptAccount(old, kept.directory) else { return false }
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

    private func accountPath(_ directory: String) -> String {
        keyFiles.path(of: .account, KeptAccount.name(of: directory))
    }
}
