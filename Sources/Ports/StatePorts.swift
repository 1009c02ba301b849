package import DNS
package import Planning

/// What reading the state of a project means, wherever it lies.
package typealias StateReading =
    LedgerReader & StoreClock & PolicyReader & CertificateReader & IssuanceBudgetReader & AccountReader

/// The store beside `certadns serve`, as runs elsewhere reach it through the state API. Holds out no key.
package protocol StateKeeper: LedgerStore, LeaseBreaker, IssuanceBudgetStore, PolicyWriter, CertificateReader,
    AccountReader
{
    /// Ledgers sorted by name, from the first after `zone` on, at most `limit`.
    func ledgers(after zone: DomainName?, limit: Int) async throws(Failure) -> [ZoneLedger]
    /// Forgets the certificate of `host` with its key; no error when there is none.
    func remove(certificateOf host: DomainName) async throws(Failure)
    /// What was answered to this write before; `nil` where it was never done. Throws `.conflict` where the key was used for another.
    func answer(to write: WriteOnce) async throws(Failure) -> String?
    /// Runs `body`, whose one write to the store is kept under `write`'s key in the same transaction: done twice it is refused with
    /// `.busy`, since its answer is on the way; a write under a lease that is no longer the zone's, or that another token took, with
    /// `.conflict`. A lease that `body` takes is the token's from then on.
    func once<Value: Sendable>(
        _ write: WriteOnce, _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value
    /// Throws `.conflict` where the zone's lease is not this one, or was not taken by this token.
    func check(_ lease: Lease, of token: String) async throws(Failure)
}

/// A write that has one effect however often it is asked for.
package struct WriteOnce: Sendable {
    /// What the asker called this request; means something beside the token only.
    package let key: String
    /// SHA-256 of the request: a used key never stands for another one.
    package let digest: String
    /// The lease under which it is done: it must be the token's own. Checked in the write's own transaction.
    package let lease: Lease?
    /// Whether the lease must be checked to be the zone's still; otherwise the write itself does so.
    package let guardsLease: Bool
    /// Who asked, for the trail.
    package let use: TokenUse
    /// The answer to keep, made from what the store's write gave.
    package let answer: @Sendable (any Sendable) throws -> String

    /// A write.
    package init(
        key: String, digest: String, lease: Lease?, guardsLease: Bool, use: TokenUse,
        answer: @escaping @Sendable (any Sendable) throws -> String
    ) {
        self.key = key
        self.digest = digest
        self.lease = lease
        self.guardsLease = guardsLease
        self.use = use
        self.answer = answer
    }
}

/// Issues certificates for runs that reach the store from elsewhere: account, key and proof stay here.
///
/// Contract: resumable as ``CertificateIssuer`` is; ends with the certificate and its key in the store.
package protocol LeasedCertifier: Sendable {
    /// Has a certificate issued for the host of `zone` under the asking run's `lease`.
    func certify(_ zone: DesiredZone, under lease: Lease) async throws(Failure) -> CertificateFacts
}

/// What a token lets its bearer do.
package enum TokenScope: String, Hashable, Sendable, Codable, CaseIterable {
    /// Read what a plan needs; no secret.
    case plan
    /// Read and write.
    case apply
}

/// A token as it is kept: never its secret.
package struct AccessToken: Hashable, Sendable {
    /// The public part of the token.
    package let id: String
    /// What people call it.
    package let name: String
    /// What it lets do.
    package let scope: TokenScope
    /// SHA-256 of its secret, lower-case hexadecimal.
    package let digest: String
    /// When it was made.
    package let madeAt: Instant
    /// By whom.
    package let madeBy: String
    /// From when on it opens nothing.
    package var revokedAt: Instant?

    /// A token.
    package init(
        id: String, name: String, scope: TokenScope, digest: String, madeAt: Instant, madeBy: String,
        revokedAt: Instant? = nil
    ) {
        self.id = id
        self.name = name
        self.scope = scope
        self.digest = digest
        self.madeAt = madeAt
        self.madeBy = madeBy
        self.revokedAt = revokedAt
    }
}

/// One use of a token, for the trail. Without any secret.
package struct TokenUse: Hashable, Sendable {
    /// When.
    package let at: Instant
    /// Which, by its id.
    package let token: String
    /// Who says to have used it, where and for what; `nil` where it was refused before that was read.
    package let by: LeaseOwner?
    /// What was asked for.
    package let what: String
    /// Why it was refused; `nil` where it was not.
    package let refusal: String?

    /// A use.
    package init(at: Instant, token: String, by: LeaseOwner?, what: String, refusal: String? = nil) {
        self.at = at
        self.token = token
        self.by = by
        self.what = what
        self.refusal = refusal
    }
}

/// Keeps the tokens of the state API, hashed, and a bounded trail of their uses.
package protocol TokenStore: Sendable {
    /// Keeps a new token; throws `.conflict` where one that still counts is called the same.
    func add(_ token: AccessToken) async throws(Failure)
    /// All tokens, the newest first.
    func tokens() async throws(Failure) -> [AccessToken]
    /// The token of this id; `nil` only when there positively is none.
    func token(_ id: String) async throws(Failure) -> AccessToken?
    /// Ends every token that is called so, or has this id; what it ended.
    func revoke(_ nameOrID: String, at now: Instant) async throws(Failure) -> [AccessToken]
    /// Writes a use down.
    func note(_ use: TokenUse) async throws(Failure)
    /// The newest uses of one token, or of all, at most `limit`.
    func uses(of id: String?, limit: Int) async throws(Failure) -> [TokenUse]
}
