package import DNS
package import Planning
package import Ports
import Synchronization

/// A ledger in memory with the store's contract: fencing, leases, a clock that only tests move.
package final class MemoryLedger: LedgerStore, IssuanceBudgetStore {
    private struct State {
        var zones: [DomainName: ZoneLedger] = [:]
        var leases: [DomainName: (lease: Lease, released: Bool)] = [:]
        var audit: [AuditEntry] = []
        var books: [String: IssuerBook] = [:]
        var now: Instant

        mutating func note(_ event: LedgerEvent, of zone: DomainName) {
            switch event {
            case .issuance(.unproven(_, let issuer)), .issuance(.waitEnded(let issuer?)):
                books[issuer, default: IssuerBook()].note(event, of: zone, at: now)
            default: for issuer in books.keys { books[issuer]?.note(event, of: zone, at: now) }
            }
        }
    }
    private let state: Mutex<State>
    private let faults: FaultPlan

    /// An empty ledger at `now`.
    package init(now: Instant, faults: FaultPlan = FaultPlan()) {
        state = Mutex(State(now: now))
        self.faults = faults
    }

    /// Lets time pass.
    package func advance(_ seconds: Int) { state.withLock { $0.now = $0.now + seconds } }

    /// Forgets which mail hosts were seen, as a ledger of earlier days has it.
    package func forgetMailHosts(of zone: DomainName) { state.withLock { $0.zones[zone]?.mxSeen = [] } }

    package func now() async throws(Failure) -> Instant { state.withLock(\.now) }

    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger {
        state.withLock { $0.zones[zone] ?? ZoneLedger(zone: zone) }
    }

    package func ledgers() async throws(Failure) -> [ZoneLedger] {
        state.withLock { $0.zones.values.sorted { $0.zone < $1.zone } }
    }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        state.withLock { state in
            Array(state.audit.filter { zone == nil || $0.zone == zone }.reversed().prefix(limit))
        }
    }

    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] {
        let due = state.withLock(\.zones).values.compactMap { ledger -> DueZone? in
            guard let need = ledger.attention, need.at <= now else { return nil }
            return DueZone(zone: ledger.zone, expires: need.expires)
        }
        return Array(due.sorted { ($0.expires, $0.zone) < ($1.expires, $1.zone) }.prefix(max(0, limit)))
    }

    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? {
        state.withLock(\.zones).values.compactMap { $0.attention?.at }.filter { $0 > now }.min()
    }

    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits {
        let audit = state.withLock(\.audit)
        let new = audit.dropFirst(Int(mark ?? Int64(audit.count))).filter { $0.kind == IssuanceEvent.waitEndedKind }
        return EndedWaits(zones: Set(new.map(\.zone)), mark: Int64(audit.count))
    }

    package func acquire(_ zone: DomainName, by owner: LeaseOwner, for seconds: Int) async throws(Failure) -> Lease {
        let result = state.withLock { state -> Lease? in
            let held = state.leases[zone]
            if let held, !held.released, held.lease.until >= state.now { return nil }
            let lease = Lease(
                zone: zone, fencing: (held?.lease.fencing ?? 0) + 1, owner: owner, until: state.now + seconds)
            state.leases[zone] = (lease, false)
            return lease
        }
        guard let result else { throw Failure(.busy, retryable: true, "\(zone) is being changed by somebody") }
        return result
    }

    package func renew(_ lease: Lease, for seconds: Int) async throws(Failure) -> Lease {
        try check(lease)
        return state.withLock { state in
            let renewed = Lease(
                zone: lease.zone, fencing: lease.fencing, owner: lease.owner, until: state.now + seconds)
            state.leases[lease.zone] = (renewed, false)
            return renewed
        }
    }

    package func release(_ lease: Lease) async throws(Failure) {
        state.withLock { state in
            if state.leases[lease.zone]?.lease.fencing == lease.fencing { state.leases[lease.zone]?.released = true }
        }
    }

    package func record(_ event: LedgerEvent, under lease: Lease, audit note: AuditNote) async throws(Failure) {
        try faults.run("record") { () throws(Failure) in
            try check(lease)
            state.withLock { state in
                let before = state.zones[lease.zone] ?? ZoneLedger(zone: lease.zone)
                state.zones[lease.zone] = before.recording(event, at: state.now)
                state.note(event, of: lease.zone)
                guard event.isAudited else { return }
                state.audit.append(
                    AuditEntry(at: state.now, zone: lease.zone, owner: lease.owner, kind: event.kind, note: note))
            }
        }
    }

    package func book(of issuer: String) async throws(Failure) -> IssuerBook {
        state.withLock { $0.books[issuer] ?? IssuerBook() }
    }

    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? {
        state.withLock { $0.books[issuer]?.hold }
    }

    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? {
        state.withLock { ($0.books[issuer] ?? IssuerBook()).refusal(of: claim, within: limits, at: $0.now) }
    }

    package func take(
        _ claim: BudgetClaim, at issuer: String, within limits: BudgetLimits, under lease: Lease
    ) async throws(Failure) -> BudgetRefusal? {
        try check(lease)
        return state.withLock { state in
            state.books[issuer, default: IssuerBook()].prune(at: state.now, longest: limits.longest)
            for other in state.books.keys where other != issuer {
                state.books[other]?.release(claim.zone)
                state.books[other]?.entries.removeAll { $0.kind == .waiting && $0.zone == claim.zone }
            }
            return state.books[issuer, default: IssuerBook()].take(claim, within: limits, at: state.now)
        }
    }

    package func keepPlace(for claim: BudgetClaim, at issuer: String, under lease: Lease) async throws(Failure) {
        try check(lease)
        state.withLock { $0.books[issuer, default: IssuerBook()].keepPlace(for: claim, at: $0.now) }
    }

    package func giveBack(_ zone: DomainName, under lease: Lease) async throws(Failure) {
        try check(lease)
        state.withLock { state in for issuer in state.books.keys { state.books[issuer]?.release(zone) } }
    }

    package func holdAll(of issuer: String, _ hold: BudgetRefusal) async throws(Failure) {
        state.withLock { state in
            let known = state.books[issuer, default: IssuerBook()].hold
            if known == nil || (known?.until ?? hold.until) < hold.until {
                state.books[issuer, default: IssuerBook()].hold = hold
            }
        }
    }

    private func check(_ lease: Lease) throws(Failure) {
        let isCurrent = state.withLock { state in
            guard let held = state.leases[lease.zone] else { return false }
            return held.lease.fencing == lease.fencing && !held.released
        }
        if !isCurrent {
            throw Failure(.conflict, "the lease of \(lease.zone) was taken over by another run; plan again")
        }
    }
}
