package import Ports
import Sealing

/// Accounts are sealed rows, since they hold keys; their URLs stand beside the ledgers, for plans.
extension PostgreSQLStore {
    package func account(of directory: String) async throws(Failure) -> StoredAccount? {
        let keys = self.keys
        let name = KeptAccount.name(of: directory)
        guard let sealed = try await read({ try keys.get(.account, name, in: $0) }) else { return nil }
        return try opened(sealed, name).account
    }

    package func keep(_ account: StoredAccount, of directory: String) async throws(Failure) -> StoredAccount {
        let keys = self.keys
        let name = KeptAccount.name(of: directory)
        let fresh = try closed(account, directory, name)
        let kept = try await write { (db) -> [UInt8] in
            if let first = try keys.get(.account, name, in: db) { return first }
            try keys.put(fresh, .account, name, in: db)
            try AccountRows.save(account.url, of: directory, in: db)
            return fresh
        }
        return try opened(kept, name).account
    }

    package func replace(_ account: StoredAccount, of directory: String) async throws(Failure) {
        let keys = self.keys
        let name = KeptAccount.name(of: directory)
        let fresh = try closed(account, directory, name)
        try await write { db in
            try keys.put(fresh, .account, name, in: db)
            try AccountRows.save(account.url, of: directory, in: db)
        }
    }

    package func replace(
        _ old: StoredAccount, by account: StoredAccount, of directory: String
    ) async throws(Failure) -> Bool {
        let keys = self.keys
        let name = KeptAccount.name(of: directory)
        let fresh = try closed(account, directory, name)
        return try await write { db in
            guard let held = try keys.get(.account, name, in: db) else { return false }
            let kept = try self.opened(held, name)
            guard kept == KeptAccount(old, kept.directory) else { return false }
            try keys.put(fresh, .account, name, in: db)
            try AccountRows.save(account.url, of: directory, in: db)
            return true
        }
    }

    private func opened(_ sealed: [UInt8], _ name: String) throws(Failure) -> KeptAccount {
        try KeptAccount.decoded(try keys.open(sealed, as: .account, name), "\(database.place.words), '\(name)'")
    }

    private func closed(_ account: StoredAccount, _ directory: String, _ name: String) throws(Failure) -> [UInt8] {
        try keys.close(KeptAccount.encoded(account, directory), as: .account, name)
    }
}
