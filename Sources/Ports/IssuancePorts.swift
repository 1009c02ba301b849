package import DNS
package import Findings
package import Planning

/// Issues certificates for policy hosts.
///
/// Contract: the call may take minutes and is resumable: called again with the same request after a crash it picks up
/// what the journal says was begun, and orders nothing twice. What is returned has been checked: key matches, names
/// match, dates are sane. Where the CA asks to wait, the failure says how long.
package protocol CertificateIssuer: Sendable {
    /// The issuer's name as plans and ledgers show it.
    var name: String { get }
    /// A new certificate, with a new key unless the issuer was told to keep the one held.
    func issue(_ request: CertificateRequest, at desk: IssuanceDesk) async throws(Failure) -> CertificateMaterial
    /// When the CA wants the certificate of `chain` (PEM, leaf first) renewed; `nil` where it does not say such things.
    func advice(on chain: String) async throws(Failure) -> RenewalAdvice?
}

extension CertificateIssuer {
    package func advice(on chain: String) async throws(Failure) -> RenewalAdvice? { nil }
}

/// What shall be certified.
package struct CertificateRequest: Hashable, Sendable {
    /// DNS names for the SAN, the policy host's first.
    package let names: [DomainName]
    /// The store's time at which the run began.
    package let now: Instant
    /// The chain that the new one succeeds (PEM, leaf first), where there is one (RFC 9773 §5).
    package let replacing: String?

    /// A request.
    package init(names: [DomainName], now: Instant, replacing: String? = nil) {
        self.names = names
        self.now = now
        self.replacing = replacing
    }
}

/// What an issuer is handed for one issuance: how control is proven, where it remembers, how it waits.
package struct IssuanceDesk: Sendable {
    /// Publishes proofs.
    package let challenges: any ChallengeResponder
    /// Remembers what was begun.
    package let journal: any IssuanceJournal
    /// Waits so many milliseconds, the lease kept alive.
    package let pause: @Sendable (Int) async throws(Failure) -> Void
    /// Tells people what they should know of a certificate that they get all the same.
    package let tell: @Sendable (String) -> Void

    /// A desk.
    package init(
        challenges: any ChallengeResponder, journal: any IssuanceJournal,
        pause: @escaping @Sendable (Int) async throws(Failure) -> Void,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.tell = tell
        self.challenges = challenges
        self.journal = journal
        self.pause = pause
    }
}

/// Remembers an order through a crash.
///
/// Contract: every call is durable before it returns. The key is kept as keys are: readable by the owner alone.
package protocol IssuanceJournal: Sendable {
    /// The order that an earlier run left open, with its key; `nil` where there is none, or its key is lost.
    func openOrder() async throws(Failure) -> (order: OpenOrder, key: Redacted<String>)?
    /// Called right before a new order is placed: takes it from the issuer's budget, or throws `.overBudget` with the seconds to wait.
    func beginning(_ request: CertificateRequest) async throws(Failure)
    /// The CA did not place the order, or the answer was lost. With `forAll` it told the whole account to wait, not this name.
    func unplaced(_ failure: Failure, forAll: Bool) async throws(Failure)
    /// The CA could not confirm control of `name`.
    func unproven(_ name: DomainName) async throws(Failure)
    /// The key of the certificate held, for issuers that were told to keep it; `nil` where there is none, or it must not be used again.
    func heldKey() async throws(Failure) -> Redacted<String>?
    /// Remembers an order just placed, with the key that it will be finalised with.
    func began(_ order: OpenOrder, key: Redacted<String>) async throws(Failure)
    /// Forgets an order that ended without a certificate.
    func abandoned(_ order: OpenOrder) async throws(Failure)
}

/// Publishes the proof that an issuer asks for, and takes it away again (RFC 8555 §8).
///
/// Contract: remembered durably before it is published, until it was seen gone. Publishing twice is publishing once.
package protocol ChallengeResponder: Sendable {
    /// The ways of proving control that are set up, the preferred one first.
    var kinds: [ChallengeProof.Kind] { get }
    /// Publishes `proof`; returns once everybody who answers shows it.
    func present(_ proof: ChallengeProof) async throws(Failure)
    /// Takes our own proof away, leaving others.
    func withdraw(_ proof: ChallengeProof) async throws(Failure)
}

/// Says which account an issuer knows us by; no secret, and nothing is asked of anybody.
package protocol AccountReader: Sendable {
    /// The URL of the account with the CA of this directory; `nil` where the CA confirmed none yet.
    func accountURL(of directory: String) async throws(Failure) -> String?
}

/// Keeps an issuer's accounts with their keys.
///
/// Contract: durable, readable by the owner alone. Of two that make an account at once the first wins, and both get its key.
package protocol AccountStore: AccountReader {
    /// The account with the CA of this directory; `nil` only when there positively is none.
    func account(of directory: String) async throws(Failure) -> StoredAccount?
    /// Keeps `account` unless there is one already; gives back the one that counts.
    func keep(_ account: StoredAccount, of directory: String) async throws(Failure) -> StoredAccount
    /// Replaces the account.
    func replace(_ account: StoredAccount, of directory: String) async throws(Failure)
    /// Replaces the account if it still is `old`; whether it was. Nobody comes between the look and the writing.
    func replace(_ old: StoredAccount, by account: StoredAccount, of directory: String) async throws(Failure) -> Bool
}

extension AccountStore {
    package func accountURL(of directory: String) async throws(Failure) -> String? {
        try await account(of: directory)?.url
    }
}

/// An account as it is kept.
package struct StoredAccount: Sendable {
    /// PEM (PKCS #8).
    package var key: Redacted<String>
    /// The CA's URL for it; `nil` until the CA confirmed it.
    package var url: String?
    /// The key that is about to replace ``key``, while a change is under way.
    package var nextKey: Redacted<String>?
    /// Whether ``nextKey`` is another account's, and this one shall be closed once that one is there.
    package var closes: Bool
    /// Keys of earlier changes that the CA did not know when it was asked. A request for one may still be on its way, so each is asked
    /// about again until a change succeeds, after which the CA takes none that ``key`` signed.
    package var candidates: [Redacted<String>]

    /// An account.
    package init(
        key: Redacted<String>, url: String? = nil, nextKey: Redacted<String>? = nil, closes: Bool = false,
        candidates: [Redacted<String>] = []
    ) {
        self.closes = closes
        self.candidates = candidates
        self.key = key
        self.url = url
        self.nextKey = nextKey
    }
}

/// Gives http-01 answers to the policy host, in whatever process it runs.
///
/// Contract: durable before it returns; an answer is never given after it was removed.
package protocol ChallengeTokens: Sendable {
    /// What is answered for `token` at `host`; `nil` only when there positively is none.
    func answer(to token: String, at host: DomainName) async throws(Failure) -> String?
    /// Gives an answer.
    func put(_ answer: String, to token: String, at host: DomainName) async throws(Failure)
    /// Takes it away; no error when there is none.
    func remove(_ token: String, at host: DomainName) async throws(Failure)
}

/// Asks the authoritative servers of a name's zone who shows a value already.
///
/// Contract: never throws; a server that does not answer is silent, not lacking.
package protocol PropagationWatcher: Sendable {
    /// One look at every server; it ends early once `quorum` of them show the value. Only when it `isWhole` does it wait for
    /// the slow and the dead although others lack the value: else they are left out.
    func look(for value: TextData, at name: DomainName, quorum: Int?, isWhole: Bool) async -> PropagationLook
}
