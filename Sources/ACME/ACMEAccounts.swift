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

    /// The account as it is kept, a key change that was cut short settled; `nil` where the CA never confirmed one.
    package func known() async throws(Failure) -> ACMEAccount? {
        guard var kept = try await store.account(of: directory) else { return nil }
        if kept.nextKey != nil { kept = try await settleRollOver(kept) }
        guard let url = kept.url else { return nil }
        return ACMEAccount(key: try Self.key(kept.key, directory), url: url)
    }

    /// Makes another account with a fresh key, as after the CA lost the old one. Until the CA confirmed it both keys are kept, and
    /// the old one counts. With `closing` the old account is closed for good; where the CA has lost it there is nothing to close.
    package func makeAnother(_ terms: AccountTerms, closing: Bool) async throws(Failure) -> ACMEAccount {
        let old = try await known()
        guard let kept = try await store.account(of: directory) else { return try await ready(terms) }
        let fresh = AccountKey()
        try await store.replace(
            StoredAccount(key: kept.key, url: kept.url, nextKey: fresh.pem), of: directory)
        do throws(ACMEError) {
            let account = try await session.register(fresh, terms)
            if closing, let old {
                do throws(ACMEError) { try await session.deactivate(old) } catch {
                    guard error.isOfAnotherAccount else { throw error }
                }
            }
            return try await keeping(StoredAccount(key: fresh.pem, url: account.url), account)
        } catch {
            try await giveUp(kept, after: error)
            throw error.failure
        }
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
            try await giveUp(StoredAccount(key: account.key.pem, url: account.url), after: error)
            throw error.failure
        }
    }

    /// A refusal leaves the old key in force; any other end is told apart by asking, next time.
    private func giveUp(_ old: StoredAccount, after error: ACMEError) async throws(Failure) {
        switch error {
        case .refused, .notOffered, .unmakeable:
            try await store.replace(StoredAccount(key: old.key, url: old.url), of: directory)
        default: break
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
