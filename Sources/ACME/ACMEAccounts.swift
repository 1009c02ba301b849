import Findings
package import Ports

/// The account that this installation has with a CA: made once, kept, and found again after a crash.
package struct ACMEAccounts: Sendable {
    private let session: ACMESession
    private let store: any AccountStore
    private let directory: String

    /// The accounts with the CA of `directory`.
    package init(session: ACMESession, store: any AccountStore, directory: String) {
        self.session = session
        self.store = store
        self.directory = directory
    }

    /// The account, made on first use. The key is kept before the CA hears of it, so that no account is ever lost.
    package func ready(_ terms: AccountTerms) async throws(Failure) -> ACMEAccount {
        var kept: StoredAccount
        if let known = try await store.account(of: directory) {
            kept = known
        } else {
            kept = try await store.keep(StoredAccount(key: AccountKey().pem), of: directory)
        }
        if kept.nextKey != nil { kept = try await settleRollOver(kept) }
        let key = try Self.key(kept.key, directory)
        if let url = kept.url { return ACMEAccount(key: key, url: url) }
        do throws(ACMEError) {
            let account = try await session.register(key, terms)
            kept.url = account.url
            return try await keeping(kept, account)
        } catch {
            throw error.failure
        }
    }

    /// Makes another account with a fresh key, where the CA has lost the old one.
    package func renew(_ terms: AccountTerms) async throws(Failure) -> ACMEAccount {
        let fresh = StoredAccount(key: AccountKey().pem)
        try await store.replace(fresh, of: directory)
        return try await ready(terms)
    }

    /// Gives the account a fresh key. Both keys are kept until the CA's word for the new one is in.
    package func rollOver(_ terms: AccountTerms) async throws(Failure) -> ACMEAccount {
        let account = try await ready(terms)
        let next = AccountKey()
        try await store.replace(
            StoredAccount(key: account.key.pem, url: account.url, nextKey: next.pem), of: directory)
        do throws(ACMEError) {
            let changed = try await session.rollOver(account, to: next)
            return try await keeping(StoredAccount(key: next.pem, url: changed.url), changed)
        } catch {
            // A refusal leaves the old key in force; any other end is told apart by asking, next time.
            if case .refused = error {
                try await store.replace(StoredAccount(key: account.key.pem, url: account.url), of: directory)
            }
            throw error.failure
        }
    }

    private func keeping(_ kept: StoredAccount, _ account: ACMEAccount) async throws(ACMEError) -> ACMEAccount {
        do throws(Failure) { try await store.replace(kept, of: directory) } catch {
            throw .notOffered("keeping the account: \(error.detail)")
        }
        return account
    }

    /// A key change whose end was not seen: whichever key the CA knows is the account's.
    private func settleRollOver(_ kept: StoredAccount) async throws(Failure) -> StoredAccount {
        guard let next = kept.nextKey else { return kept }
        let settled: StoredAccount
        do throws(ACMEError) {
            let found = try await session.find(try Self.acmeKey(next))
            settled = StoredAccount(key: next, url: found.url)
        } catch {
            guard case .refused(let problem, _, _) = error, problem.kind == .accountDoesNotExist else {
                throw error.failure
            }
            settled = StoredAccount(key: kept.key, url: kept.url)
        }
        try await store.replace(settled, of: directory)
        return settled
    }

    private static func acmeKey(_ pem: Redacted<String>) throws(ACMEError) -> AccountKey {
        do { return try AccountKey(pem: pem) } catch { throw .unmakeable("the account's key can't be read") }
    }

    private static func key(_ pem: Redacted<String>, _ directory: String) throws(Failure) -> AccountKey {
        do { return try AccountKey(pem: pem) } catch {
            throw Failure(
                .storage, "the key of the account with \(directory) can't be read; restore it from a backup")
        }
    }
}
