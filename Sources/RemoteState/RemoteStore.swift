package import AsyncHTTPClient
package import DNS
package import Planning
package import Ports
import StateAPI
import Synchronization

/// The store beside `certadns serve`, written from elsewhere. Every write is one request under an idempotency key.
///
/// Policies are written under the lease that this run holds of their zone: it remembers which it was given.
package final class RemoteStore: Sendable {
    /// The same store, read.
    package let reader: RemoteReader
    private let leases = Mutex<[DomainName: Lease]>([:])
    /// The keys of acquisitions whose answer has not come: it may have been lost, and the lease be ours.
    private let acquiring = Mutex<[StateCommand: String]>([:])

    /// The store at `place`.
    package init(_ place: RemotePlace, over http: HTTPClient) { reader = RemoteReader(place, over: http) }

    init(_ link: StateLink) { reader = RemoteReader(link) }

    var link: StateLink { reader.link }

    func tell<Value>(_ command: StateCommand, _ read: (StateReply) -> Value?) async throws(Failure) -> Value {
        guard let value = read(try await link.tell(command)) else { throw .strange(link.place) }
        return value
    }

    func tell(_ command: StateCommand) async throws(Failure) {
        try await tell(command) { if case .done = $0 { () } else { nil } }
    }

    /// The lease under which this run may change `zone`.
    func lease(of zone: DomainName) throws(Failure) -> Lease {
        guard let lease = leases.withLock({ $0[zone] }) else {
            throw Failure(.conflict, "the lease of \(zone) is not held by this run; plan again")
        }
        return lease
    }

    private func took(_ lease: Lease) -> Lease {
        leases.withLock { $0[lease.zone] = lease }
        return lease
    }
}

extension RemoteStore: LedgerStore {
    package func acquire(_ zone: DomainName, by owner: LeaseOwner, for seconds: Int) async throws(Failure) -> Lease {
        let command = StateCommand.acquire(zone: zone, owner: owner, seconds: seconds)
        let key = acquiring.withLock { keys in
            let key = keys[command] ?? StateLink.newKey()
            keys[command] = key
            return key
        }
        guard let lease = Self.lease(try await link.tell(command, key: key)) else { throw .strange(link.place) }
        acquiring.withLock { $0[command] = nil }
        return took(lease)
    }

    package func renew(_ lease: Lease, for seconds: Int) async throws(Failure) -> Lease {
        took(try await tell(.renew(lease: lease, seconds: seconds), Self.lease))
    }

    private static func lease(_ reply: StateReply) -> Lease? {
        if case .lease(let lease) = reply { lease } else { nil }
    }

    package func release(_ lease: Lease) async throws(Failure) {
        leases.withLock { if $0[lease.zone]?.fencing == lease.fencing { $0[lease.zone] = nil } }
        try await tell(.release(lease: lease))
    }

    package func record(_ event: LedgerEvent, under lease: Lease, audit: AuditNote) async throws(Failure) {
        try await tell(.record(event: event, lease: lease, note: audit))
    }
}

extension RemoteStore: LeaseBreaker {
    package func holder(of zone: DomainName) async throws(Failure) -> BrokenLease? {
        try await reader.ask(.holder(zone: zone), Self.holder)
    }

    package func breakLease(of zone: DomainName, by owner: LeaseOwner) async throws(Failure) -> BrokenLease? {
        try await tell(.breakLease(zone: zone, owner: owner), Self.holder)
    }

    private static func holder(_ reply: StateReply) -> BrokenLease?? {
        if case .holder(let holder) = reply { .some(holder) } else { nil }
    }
}

extension RemoteStore: IssuanceBudgetStore {
    package func take(
        _ claim: BudgetClaim, at issuer: String, within limits: BudgetLimits, under lease: Lease
    ) async throws(Failure) -> BudgetRefusal? {
        try await tell(
            .take(claim: claim, issuer: issuer, limits: limits, lease: lease), RemoteReader.refusal)
    }

    package func keepPlace(for claim: BudgetClaim, at issuer: String, under lease: Lease) async throws(Failure) {
        try await tell(.keepPlace(claim: claim, issuer: issuer, lease: lease))
    }

    package func giveBack(_ zone: DomainName, under lease: Lease) async throws(Failure) {
        try await tell(.giveBack(zone: zone, lease: lease))
    }

    package func holdAll(of issuer: String, _ hold: BudgetRefusal) async throws(Failure) {
        try await tell(.holdAll(issuer: issuer, hold: hold))
    }
}

extension RemoteStore: PolicyWriter {
    package func put(_ body: PublishedBody, for zone: DomainName) async throws(Failure) {
        try await tell(.putPolicy(body: body, lease: try lease(of: zone)))
    }

    package func remove(for zone: DomainName) async throws(Failure) {
        try await tell(.removePolicy(lease: try lease(of: zone)))
    }
}

/// What is read is read by the reader.
extension RemoteStore: StateReading {
    package func now() async throws(Failure) -> Instant { try await reader.now() }

    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger { try await reader.ledger(of: zone) }

    package func ledgers() async throws(Failure) -> [ZoneLedger] { try await reader.ledgers() }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        try await reader.history(of: zone, limit: limit)
    }

    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] {
        try await reader.dueForRenewal(at: now, limit: limit)
    }

    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? {
        try await reader.nextRenewal(after: now)
    }

    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits {
        try await reader.waitsEnded(after: mark)
    }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await reader.policy(for: zone)
    }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await reader.certificate(for: host)
    }

    package func book(of issuer: String) async throws(Failure) -> IssuerBook { try await reader.book(of: issuer) }

    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? { try await reader.hold(of: issuer) }

    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? {
        try await reader.refusal(of: claim, at: issuer, within: limits)
    }

    package func accountURL(of directory: String) async throws(Failure) -> String? {
        try await reader.accountURL(of: directory)
    }
}
