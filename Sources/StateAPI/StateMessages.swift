package import DNS
package import Planning
package import Ports

/// The state API's second version: what is asked, told and answered between a run and `certadns serve`, as JSON.
///
/// Case and label names are the wire's: they never change within a version; what a message gains that an earlier program can't read raises it. Moments that are asked for travel as seconds since 1970.
package enum StateVersion {
    /// The version, which stands in every path and every message.
    package static let current = 2
    /// Where questions go.
    package static let read = "/api/v2/state/read"
    /// Where commands go.
    package static let write = "/api/v2/state/write"
    /// What to do where the other side speaks `version`.
    package static func advice(onServeOf version: Int) -> String {
        version < current ? "update 'certadns serve' there" : "update this certadns"
    }

    /// Octets of a request, at most.
    package static let requestOctets = 256 * 1_024
    /// Octets of an answer, at most.
    package static let answerOctets = 8 * 1_048_576
    /// Ledgers of one answer, at most.
    package static let page = 100
    /// Lines of the audit trail, or due zones, of one answer, at most.
    package static let lines = 10_000
}

/// What a run asks: each a read, open to tokens of both scopes.
package enum StateQuestion: Hashable, Sendable, Codable {
    case now
    case ledger(zone: DomainName)
    case ledgers(after: DomainName?)
    case history(zone: DomainName?, limit: Int)
    case due(at: Int64, limit: Int)
    case nextRenewal(after: Int64)
    case waitsEnded(after: Int64?)
    case policy(zone: DomainName)
    case certificate(host: DomainName)
    case book(issuer: String)
    case hold(issuer: String)
    case refusal(claim: BudgetClaim, issuer: String, limits: BudgetLimits)
    case account(directory: String)
    case holder(zone: DomainName)
}

/// What a run wants done: each under an idempotency key, open to tokens of scope `apply` alone.
package enum StateCommand: Hashable, Sendable, Codable {
    case acquire(zone: DomainName, owner: LeaseOwner, seconds: Int)
    case renew(lease: Lease, seconds: Int)
    case release(lease: Lease)
    /// By hand: whoever's lease it is.
    case breakLease(zone: DomainName, owner: LeaseOwner)
    case record(event: LedgerEvent, lease: Lease, note: AuditNote)
    case putPolicy(body: PublishedBody, lease: Lease)
    case removePolicy(lease: Lease)
    /// Of the host that the lease's zone is certified for.
    case removeCertificate(lease: Lease)
    case take(claim: BudgetClaim, issuer: String, limits: BudgetLimits, lease: Lease)
    case keepPlace(claim: BudgetClaim, issuer: String, lease: Lease)
    case giveBack(zone: DomainName, lease: Lease)
    case holdAll(issuer: String, hold: BudgetRefusal)
    /// A certificate for the host of `zone`, by the account and under the proofs of `certadns serve`.
    case certify(zone: DesiredZone, lease: Lease)
}

/// What comes back.
package enum StateReply: Hashable, Sendable, Codable {
    case now(seconds: Int64)
    case ledger(ZoneLedger)
    /// `more` where the answer was cut: the next is asked for after the last.
    case ledgers([ZoneLedger], more: Bool)
    case history([AuditEntry])
    case due([DueZone])
    case moment(seconds: Int64?)
    case waits(EndedWaits)
    case policy(PublishedBody?)
    case certificate(CertificateFacts?)
    case book(IssuerBook)
    case refusal(BudgetRefusal?)
    case account(url: String?)
    case lease(Lease)
    case holder(BrokenLease?)
    case done
    /// The certificate is on its way: ask again, with the same words.
    case pending
    /// It was not done, and why.
    case failed(Failure)
}

/// A request.
package struct StateRequest<Body: Codable & Sendable & Hashable>: Hashable, Sendable, Codable {
    /// ``StateVersion/current``.
    package let api: Int
    /// Who asks, by their own word: the token is what proves anything.
    package let by: LeaseOwner
    /// What is asked or wanted.
    package let body: Body

    /// A request of this version.
    package init(by: LeaseOwner, _ body: Body) {
        api = StateVersion.current
        self.by = by
        self.body = body
    }
}

/// An answer.
package struct StateAnswer: Hashable, Sendable, Codable {
    /// ``StateVersion/current``.
    package let api: Int
    /// What came of it.
    package let reply: StateReply

    /// An answer of this version.
    package init(_ reply: StateReply) {
        api = StateVersion.current
        self.reply = reply
    }
}

/// The version that any message begins with.
package struct StateVersionMark: Codable, Sendable {
    /// The sender's.
    package let api: Int
}

extension StateCommand {
    /// The bounded label of the trail, with the zone.
    package var words: String {
        switch self {
        case .acquire(let zone, _, _): "acquire \(zone)"
        case .renew(let lease, _): "renew \(lease.zone)"
        case .release(let lease): "release \(lease.zone)"
        case .breakLease(let zone, _): "break lease \(zone)"
        case .record(let event, let lease, _): "record \(event.kind) \(lease.zone)"
        case .putPolicy(_, let lease): "put policy \(lease.zone)"
        case .removePolicy(let lease): "remove policy \(lease.zone)"
        case .removeCertificate(let lease): "remove certificate \(lease.zone)"
        case .take(let claim, _, _, _): "take order \(claim.zone)"
        case .keepPlace(let claim, _, _): "keep place \(claim.zone)"
        case .giveBack(let zone, _): "give order back \(zone)"
        case .holdAll: "hold issuer"
        case .certify(_, let lease): "issue certificate \(lease.zone)"
        }
    }

    /// The lease under which it is done.
    var lease: Lease? {
        switch self {
        case .renew(let lease, _), .release(let lease), .record(_, let lease, _), .putPolicy(_, let lease),
            .removePolicy(let lease), .removeCertificate(let lease), .take(_, _, _, let lease),
            .keepPlace(_, _, let lease), .giveBack(_, let lease), .certify(_, let lease):
            lease
        case .acquire, .breakLease, .holdAll: nil
        }
    }

    /// Whether the store itself does not look whether its lease is still the zone's.
    var isUnguarded: Bool {
        switch self {
        case .putPolicy, .removePolicy, .removeCertificate: true
        default: false
        }
    }
}
