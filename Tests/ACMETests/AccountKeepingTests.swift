import Findings
import Ports
import Synchronization
import Testing

@testable import ACME

/// What is kept of an account while its key changes, whoever fails or comes in between.
@Suite struct AccountKeepingTests {
    private static let directory = "https://ca/dir"

    /// A CA that knows its accounts by their keys.
    private final class FakeCA: AccountDesk {
        let keys: Mutex<[String: String]> = Mutex([:])
        let refusesChange: Bool
        /// What happens while a key change is on its way to the CA.
        let before: @Sendable () async -> Void
        /// What happens between a question and its answer.
        let meanwhile: @Sendable () async -> Void

        init(
            refusesChange: Bool = false, meanwhile: @escaping @Sendable () async -> Void = {},
            before: @escaping @Sendable () async -> Void = {}
        ) {
            self.refusesChange = refusesChange
            self.before = before
            self.meanwhile = meanwhile
        }

        private func no() -> ACMEError {
            .refused(
                Problem(type: "urn:ietf:params:acme:error:accountDoesNotExist", detail: "no", status: 400), url: "u",
                retryAfter: nil)
        }

        func check(_ terms: AccountTerms) async throws(ACMEError) {}

        func register(_ key: AccountKey, _ terms: AccountTerms) async throws(ACMEError) -> ACMEAccount {
            let url = keys.withLock { keys in
                let url = keys[key.pem.reveal()] ?? "https://ca/acct/\(keys.count)"
                keys[key.pem.reveal()] = url
                return url
            }
            await meanwhile()
            return ACMEAccount(key: key, url: url)
        }

        func find(_ key: AccountKey) async throws(ACMEError) -> ACMEAccount {
            let url = keys.withLock { $0[key.pem.reveal()] }
            await meanwhile()
            guard let url else { throw no() }
            return ACMEAccount(key: key, url: url)
        }

        func rollOver(_ account: ACMEAccount, to key: AccountKey) async throws(ACMEError) -> ACMEAccount {
            guard !refusesChange else { throw no() }
            await before()
            let isKnown = keys.withLock { keys in
                guard keys.removeValue(forKey: account.key.pem.reveal()) != nil else { return false }
                keys[key.pem.reveal()] = account.url
                return true
            }
            guard isKnown else { throw no() }
            await meanwhile()
            return ACMEAccount(key: key, url: account.url)
        }

        func deactivate(_ account: ACMEAccount) async throws(ACMEError) {}
    }

    private final class MemoryAccounts: AccountStore {
        let held: Mutex<StoredAccount?>
        /// The write that fails, counted from now on; the ones after it succeed again.
        let failing = Mutex(0)

        init(_ held: StoredAccount?) { self.held = Mutex(held) }

        private func write() throws(Failure) {
            let fails = failing.withLock { left in
                left -= 1
                return left == 0
            }
            guard !fails else { throw Failure(.storage, "no room left") }
        }

        func account(of directory: String) async throws(Failure) -> StoredAccount? { held.withLock { $0 } }

        func keep(_ account: StoredAccount, of directory: String) async throws(Failure) -> StoredAccount {
            try write()
            return held.withLock { held in
                let counts = held ?? account
                held = counts
                return counts
            }
        }

        func replace(_ account: StoredAccount, of directory: String) async throws(Failure) {
            try write()
            held.withLock { $0 = account }
        }

        func replace(
            _ old: StoredAccount, by account: StoredAccount, of directory: String
        ) async throws(Failure) -> Bool {
            try write()
            return held.withLock { held in
                guard let now = held, now.key.reveal() == old.key.reveal(), now.url == old.url,
                    now.nextKey?.reveal() == old.nextKey?.reveal(),
                    now.candidates.map({ $0.reveal() }) == old.candidates.map({ $0.reveal() })
                else { return false }
                held = account
                return true
            }
        }
    }

    private func accounts(_ ca: FakeCA, _ store: MemoryAccounts) -> ACMEAccounts {
        ACMEAccounts(session: ca, store: store, directory: Self.directory)
    }

    @Test(arguments: [false, true])
    func `a new key that the CA took and the store could not keep is never given up`(isAnother: Bool) async throws {
        let ca = FakeCA()
        let store = MemoryAccounts(nil)
        let before = try await accounts(ca, store).ready(AccountTerms())
        store.failing.withLock { $0 = 2 }  // Both keys are kept; the CA's word for the new one is not.
        let failure = await #expect(throws: Failure.self) {
            if isAnother {
                _ = try await accounts(ca, store).makeAnother(AccountTerms(), closing: false)
            } else {
                _ = try await accounts(ca, store).rollOver(AccountTerms())
            }
        }
        #expect(failure?.kind == .storage && failure?.detail == "no room left", "the store's words, not the CA's")
        #expect(store.held.withLock { $0?.nextKey } != nil)
        let after = try #require(try await accounts(ca, store).known())
        #expect(after.key.pem.reveal() != before.key.pem.reveal())
        #expect(ca.keys.withLock { $0[after.key.pem.reveal()] } == after.url)
    }

    @Test func `a refused key change leaves the old key alone`() async throws {
        let ca = FakeCA(refusesChange: true)
        let store = MemoryAccounts(nil)
        let before = try await accounts(ca, store).ready(AccountTerms())
        await #expect(throws: Failure.self) { try await accounts(ca, store).rollOver(AccountTerms()) }
        let kept = store.held.withLock { $0 }
        #expect(kept?.key.reveal() == before.key.pem.reveal() && kept?.nextKey == nil)
    }

    @Test func `who settles a key change does not overwrite what another run has kept meanwhile`() async throws {
        let (old, next) = (AccountKey(), AccountKey())
        let store = MemoryAccounts(StoredAccount(key: old.pem, url: "https://ca/acct/0", nextKey: next.pem))
        // The CA has not heard of the next key when it is asked; before its answer is read, another run ends the change.
        let ca = FakeCA {
            let isOpen = store.held.withLock { $0?.nextKey != nil }
            if isOpen { store.held.withLock { $0 = StoredAccount(key: next.pem, url: "https://ca/acct/0") } }
        }
        ca.keys.withLock { $0 = [old.pem.reveal(): "https://ca/acct/0"] }
        let known = try await accounts(ca, store).known()
        #expect(known?.key.pem.reveal() == next.pem.reveal())
        #expect(store.held.withLock { $0?.key.reveal() } == next.pem.reveal())
    }

    /// A keeps the next key; B asks the CA, which has not heard of it; A's request arrives, and A dies or lives on.
    @Test(arguments: [true, false])
    func `a key change that another run settled while it was on its way is found by the next run`(
        dies: Bool
    ) async throws {
        let store = MemoryAccounts(nil)
        let settled: Mutex<String?> = Mutex(nil)
        let side = FakeCA()
        let first = try await accounts(side, store).ready(AccountTerms())
        let ca = FakeCA(before: {
            // B's CA is A's, of before the change.
            let b = try? await ACMEAccounts(session: side, store: store, directory: Self.directory).known()
            settled.withLock { $0 = b?.key.pem.reveal() }
            if dies { store.failing.withLock { $0 = 1 } }
        })
        ca.keys.withLock { $0 = [first.key.pem.reveal(): first.url] }
        do { _ = try await accounts(ca, store).rollOver(AccountTerms()) } catch { #expect(dies) }
        #expect(settled.withLock { $0 } == first.key.pem.reveal(), "B works with the key that the CA knew")
        let after = try #require(try await accounts(ca, store).known())
        #expect(ca.keys.withLock { $0[after.key.pem.reveal()] } == after.url, "C has the key that the CA holds")
        #expect(store.held.withLock { $0?.candidates.isEmpty } == true, "the CA takes no other key any more")
    }

    @Test func `a key change that ends late does not overwrite the one after it`() async throws {
        let store = MemoryAccounts(nil)
        let side = FakeCA()
        let later: Mutex<ACMEAccount?> = Mutex(nil)
        let first = try await accounts(side, store).ready(AccountTerms())
        let ca = FakeCA(meanwhile: {
            // The CA has said yes to A, which has not read it yet; B finds that key and changes it once more.
            guard let key = store.held.withLock({ $0?.nextKey })?.reveal() else { return }
            side.keys.withLock { $0 = [key: first.url] }
            let b = try? await ACMEAccounts(session: side, store: store, directory: Self.directory)
                .rollOver(AccountTerms())
            later.withLock { $0 = b }
        })
        ca.keys.withLock { $0 = [first.key.pem.reveal(): first.url] }
        _ = try await accounts(ca, store).rollOver(AccountTerms())
        let kept = store.held.withLock { $0?.key.reveal() }
        #expect(kept != nil && kept == later.withLock { $0?.key.pem.reveal() })
    }

    @Test func `nor does who registers`() async throws {
        let key = AccountKey()
        let store = MemoryAccounts(StoredAccount(key: key.pem))
        let other = AccountKey()
        let ca = FakeCA {
            store.held.withLock { held in
                if held?.url == nil { held = StoredAccount(key: other.pem, url: "https://ca/acct/9") }
            }
        }
        #expect(try await accounts(ca, store).ready(AccountTerms()).key.pem.reveal() == other.pem.reveal())
        #expect(store.held.withLock { $0?.key.reveal() } == other.pem.reveal())
    }
}
