import Findings
package import Ports

/// What keeping an account asks of its CA.
package protocol AccountDesk: Sendable {
    /// Throws where no account on these terms is to be had at all.
    func check(_ terms: AccountTerms) async throws(ACMEError)
    /// Makes an account for `key`, or finds the one that the CA has for it.
    func register(_ key: AccountKey, _ terms: AccountTerms) async throws(ACMEError) -> ACMEAccount
    /// Finds the account that the CA has for `key`; the CA's refusal where it has none.
    func find(_ key: AccountKey) async throws(ACMEError) -> ACMEAccount
    /// Gives the account another key: when this returns only the new one counts.
    func rollOver(_ account: ACMEAccount, to key: AccountKey) async throws(ACMEError) -> ACMEAccount
    /// Closes the account for good.
    func deactivate(_ account: ACMEAccount) async throws(ACMEError)
}

extension ACMESession: AccountDesk {
    package func check(_ terms: AccountTerms) async throws(ACMEError) { _ = try await offer(terms) }
}

/// The account that this installation has with a CA: made once, kept, and found again after a crash.
///
/// Other processes keep the same account. What was read is written back only where it still stands, and no key is let go that the CA
/// may still come to know: what it has confirmed can't be had again.
package struct ACMEAccounts: Sendable {
    private let desk: any AccountDesk
    private let store: any AccountStore
    private let directory: String

    /// The accounts with the CA of `directory`.
    package init(session: any AccountDesk, store: any AccountStore, directory: String) {
        desk = session
        self.store = store
        self.directory = directory
    }

    /// The account, made on first use. The key is kept before the CA hears of it, so that no account is ever lost.
    package func ready(_ terms: AccountTerms) async throws(Failure) -> ACMEAccount {
        try await confirmed(terms).account
    }

    private func confirmed(
        _ terms: AccountTerms
    ) async throws(Failure) -> (kept: StoredAccount, account: ACMEAccount) {
        while true {
            guard let kept = try await settled() else {
                // Nothing is kept for an address that is no CA's.
                do throws(ACMEError) { try await desk.check(terms) } catch { throw error.failure }
                _ = try await store.keep(StoredAccount(key: AccountKey().pem), of: directory)
                continue
            }
            if let known = try account(kept) { return (kept, known) }
            let key = try key(kept.key)
            let made: ACMEAccount
            do throws(ACMEError) { made = try await desk.register(key, terms) } catch {
                throw error.failure(making: terms)
            }
            let confirmed = StoredAccount(key: kept.key, url: made.url)
            if try await store.replace(kept, by: confirmed, of: directory) { return (confirmed, made) }
        }
    }

    /// The account as it is kept, a key change that was cut short settled; `nil` where the CA never confirmed one.
    package func known() async throws(Failure) -> ACMEAccount? {
        guard let kept = try await settled() else { return nil }
        return try account(kept)
    }

    /// Makes another account with a fresh key, as after the CA lost the old one. Until the CA confirmed it both keys are kept, and
    /// the old one counts. With `closing` the old account is closed for good; where the CA has lost it there is nothing to close.
    package func makeAnother(_ terms: AccountTerms, closing: Bool) async throws(Failure) -> ACMEAccount {
        guard let kept = try await settled() else { return try await ready(terms) }
        return try await change(kept, to: AccountKey(), closing: closing) {
            [desk] (fresh) async throws(ACMEError) in try await desk.register(fresh, terms)
        }
    }

    /// Gives the account a fresh key. Both keys are kept until the CA's word for the new one is in.
    package func rollOver(_ terms: AccountTerms) async throws(Failure) -> ACMEAccount {
        let (kept, account) = try await confirmed(terms)
        return try await change(kept, to: AccountKey()) {
            [desk] (next) async throws(ACMEError) in try await desk.rollOver(account, to: next)
        }
    }

    /// From one key to the next by way of keeping both. A refusal leaves the old one in force; any other end is told apart by asking,
    /// next time. That a confirmed key can't be kept is the store's failure, not the CA's: then both stay.
    private func change(
        _ old: StoredAccount, to next: AccountKey, closing: Bool = false,
        _ body: (AccountKey) async throws(ACMEError) -> ACMEAccount
    ) async throws(Failure) -> ACMEAccount {
        let both = StoredAccount(
            key: old.key, url: old.url, nextKey: next.pem, closes: closing, candidates: old.candidates)
        guard try await store.replace(old, by: both, of: directory) else {
            throw Failure(
                .conflict, "another run changed the account with \(directory) meanwhile; nothing was done, run again")
        }
        let changed: ACMEAccount
        do throws(ACMEError) { changed = try await body(next) } catch {
            switch error {
            case .refused, .notOffered, .unmakeable: _ = try await store.replace(both, by: old, of: directory)
            default: break
            }
            throw error.failure
        }
        // Whatever ends this run here, the next one closes the old account.
        try await closeFormer(both, beside: changed.url)
        try await keep(changed)
        return changed
    }

    /// Keeps what the CA confirmed. Where its key stands no longer, another run found it there and went on from it: that run's word
    /// counts, for the CA has heard the later one.
    private func keep(_ changed: ACMEAccount) async throws(Failure) {
        let confirmed = StoredAccount(key: changed.key.pem, url: changed.url)
        while let kept = try await store.account(of: directory) {
            let open = ([kept.nextKey].compactMap { $0 } + kept.candidates).map { $0.reveal() }
            guard open.contains(changed.key.pem.reveal()) else { return }
            if try await store.replace(kept, by: confirmed, of: directory) { return }
        }
        try await store.replace(confirmed, of: directory)
    }

    /// Closes the account of `kept` if that was asked for and another one took its place. Closing it twice is closing it once; where
    /// the CA has lost it there is nothing to close.
    private func closeFormer(_ kept: StoredAccount, beside url: String) async throws(Failure) {
        guard kept.closes, let old = try account(kept), old.url != url else { return }
        do throws(ACMEError) { try await desk.deactivate(old) } catch {
            guard error.isOfAnotherAccount else { throw error.failure }
        }
    }

    /// What is kept, with no key change under way: whichever key the CA knows is the account's. A key that it does not know stays a
    /// candidate, for the run that asked for it may still be waiting for the CA's yes. Where another run ends the change meanwhile, its
    /// word counts.
    private func settled() async throws(Failure) -> StoredAccount? {
        while let kept = try await store.account(of: directory) {
            let open = [kept.nextKey].compactMap { $0 } + kept.candidates
            guard !open.isEmpty else { return kept }
            var settled = StoredAccount(key: kept.key, url: kept.url, candidates: open)
            if let found = try await first(of: open) {
                if found.key.pem.reveal() == kept.nextKey?.reveal() { try await closeFormer(kept, beside: found.url) }
                settled = StoredAccount(key: found.key.pem, url: found.url)
            } else if kept.nextKey == nil {
                return kept
            }
            if try await store.replace(kept, by: settled, of: directory) { return settled }
        }
        return nil
    }

    /// The account that the CA has for one of these keys.
    private func first(of keys: [Redacted<String>]) async throws(Failure) -> ACMEAccount? {
        for pem in keys {
            let key = try key(pem)
            do throws(ACMEError) { return try await desk.find(key) } catch {
                guard case .refused(let problem, _, _) = error, problem.kind == .accountDoesNotExist else {
                    throw error.failure
                }
            }
        }
        return nil
    }

    private func account(_ kept: StoredAccount) throws(Failure) -> ACMEAccount? {
        guard let url = kept.url else { return nil }
        return ACMEAccount(key: try key(kept.key), url: url)
    }

    private func key(_ pem: Redacted<String>) throws(Failure) -> AccountKey {
        do { return try AccountKey(pem: pem) } catch {
            throw Failure(
                .storage, "the key of the account with \(directory) can't be read; restore it from a backup")
        }
    }
}
