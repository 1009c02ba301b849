import DNS
package import Planning
package import Ports
import Synchronization

/// Renews what the ledger says is due, side by side, each zone under its lease; what expires first goes first.
///
/// Needs no manifest. The names of `serve` itself are wished for by its configuration, so what they lack is issued here too, and one that
/// is wished for no longer is let go. A zone whose lease is held by another run is left to it, so that two renewers share the work.
package struct Renewer: Sendable {
    private let applier: Applier
    private let store: any LedgerStore
    private let run: ApplyRun
    private let concurrency: Int
    /// What is wished for the names of `serve` itself, by the ledger's key.
    private let own: [DomainName: ZoneWish]
    private let resting: RestingZones

    /// A renewer through `applier`, which must work on the same `store` in the same `run`.
    package init(
        _ applier: Applier, store: any LedgerStore, run: ApplyRun, own: [ZoneWish] = [], concurrency: Int = 20
    ) {
        self.applier = applier
        self.store = store
        self.run = run
        self.own = Dictionary(own.map { ($0.zone, $0) }) { first, _ in first }
        self.concurrency = max(1, concurrency)
        resting = RestingZones()
    }

    /// Attends to all that is due, and to what falls due meanwhile; returns once nothing is left that may be tried now.
    package func round() async throws(Failure) {
        try await wakeByHand()
        let result: Result<Void, Failure> = await withTaskGroup(of: Turn.self) { group in
            var queue: [DueZone] = []
            var inHand: Set<DomainName> = []
            var failure: Failure?
            var isWatching = false
            do throws(Failure) { queue = try await lacking().reversed() } catch { failure = error }
            while true {
                while failure == nil, inHand.count < concurrency, !run.isStopping(), !Task.isCancelled {
                    if queue.isEmpty {
                        do throws(Failure) { queue = try await due(besides: inHand).reversed() } catch {
                            failure = error
                        }
                    }
                    guard let next = queue.popLast() else { break }
                    if inHand.contains(next.zone) { continue }
                    inHand.insert(next.zone)
                    group.addTask { .over(next.zone, await attend(next)) }
                }
                if inHand.isEmpty { break }
                if !isWatching, failure == nil, !run.isStopping(), !Task.isCancelled {
                    isWatching = true
                    group.addTask {
                        try? await run.sleep(Self.watch)
                        return .another
                    }
                }
                switch await group.next() {
                case .over(let zone, let error)?:
                    inHand.remove(zone)
                    failure = failure ?? error
                case .another?:
                    isWatching = false
                    do throws(Failure) { try await wakeByHand() } catch { failure = failure ?? error }
                case nil: break
                }
            }
            group.cancelAll()
            return failure.map { .failure($0) } ?? .success(())
        }
        try result.get()
    }

    /// What a round waits for.
    private enum Turn: Sendable {
        /// A zone had its turn; what failed is the store.
        case over(DomainName, Failure?)
        /// It is time to look who else is due: a zone in hand may take as long as a name server or a CA lets it wait.
        case another
    }

    /// Milliseconds between two looks while a zone is in hand.
    private static let watch = 5_000

    /// Seconds until a round is worth while, at least one, at most `limit`.
    package func pause(atMost limit: Int) async throws(Failure) -> Int {
        let now = try await store.now()
        var wakes = [try await store.nextRenewal(after: now), resting.first(after: now)].compactMap { $0 }
        for zone in own.keys {
            if let hold = try await store.ledger(of: zone).issuance.hold, hold.until > now { wakes.append(hold.until) }
        }
        return max(1, min(limit, wakes.min().map { $0 - now } ?? limit))
    }

    private func due(besides inHand: Set<DomainName>) async throws(Failure) -> [DueZone] {
        let now = try await store.now()
        let apart = inHand.union(resting.zones(at: now))
        // As many more as may have to be passed over; few at a time, since another renewer is at them too.
        return try await store.dueForRenewal(at: now, limit: apart.count + concurrency).filter {
            !apart.contains($0.zone)
        }
    }

    /// The names of `serve` itself that have no certificate, or another issuer's.
    private func lacking() async throws(Failure) -> [DueZone] {
        let now = try await store.now()
        let resting = resting.zones(at: now)
        var found: [DueZone] = []
        for zone in own.keys.sorted() where !resting.contains(zone) {
            if try await isStillDue(zone, at: now) { found.append(DueZone(zone: zone, expires: now)) }
        }
        return found
    }

    /// Gives the zone its turn; what failed is the store.
    private func attend(_ due: DueZone) async -> Failure? {
        // Another renewer may have been quicker; the lease is not troubled for that.
        if let now = try? await store.now(), let isDue = try? await isStillDue(due.zone, at: now), !isDue {
            resting.wake(due.zone)
            return nil
        }
        let outcome = await applier.apply(wish(for: due.zone), reviewed: nil)
        do throws(Failure) { try await rest(due, after: outcome) } catch { return error }
        return nil
    }

    /// A zone that is still due after its turn waits a while, whatever the reason: no zone is tried in a loop.
    private func rest(_ due: DueZone, after outcome: ZoneOutcome) async throws(Failure) {
        let now = try await store.now()
        if outcome.isBusy { return resting.rest(due.zone, until: now + Self.busyPause, isFailure: false) }
        guard try await isStillDue(due.zone, at: now) else { return resting.wake(due.zone) }
        let failures = resting.failures(of: due.zone) + 1
        let left = due.expires > now ? due.expires - now : nil
        let until = now + IssuanceWaiting.pause(failures: failures, left: left)
        resting.rest(due.zone, until: until, isFailure: true)
        // What waits for the account's budget is no failure, and no person ends it.
        guard outcome.kind == .failed, !run.isStopping() else { return }
        let rest = IssuanceHold(until: until, reason: outcome.detail, failures: failures)
        // For people to see and to end. Where it can't be written (the store is full, somebody else has the zone) it counts all the same.
        try? await store.withLease(of: due.zone, by: run.owner, for: run.leaseSeconds) { lease async throws(Failure) in
            let note = AuditNote(commit: run.commit, digest: nil, what: "rests until \(until)")
            try await store.record(.issuance(.rested(rest)), under: lease, audit: note)
        }
    }

    /// Rests that a person ended since the last round are over, in whichever process that was done.
    private func wakeByHand() async throws(Failure) {
        let ended = try await store.waitsEnded(after: resting.mark)
        resting.wake(ended)
    }

    private func wish(for zone: DomainName) -> ZoneWish {
        if let own = own[zone] { return own }
        let isGone = CertificateOwner(key: zone).isOwnName
        return ZoneWish(zone: zone, wish: isGone ? .gone : .renewal, digest: "")
    }

    private func isStillDue(_ zone: DomainName, at now: Instant) async throws(Failure) -> Bool {
        let ledger = try await store.ledger(of: zone)
        if case .desired(let desired)? = own[zone]?.wish, ledger.lacksCertificate(desired, at: now) { return true }
        return ledger.attention.map { $0.at <= now } ?? false
    }

    /// Seconds after which a zone that another run holds is looked at again.
    private static let busyPause = 10
}

/// Zones that are due and may not be tried yet. Lives as long as the process, so that one started anew tries at once: what must be
/// kept is a hold in the ledger.
private final class RestingZones: Sendable {
    private struct Rest {
        var until: Instant
        var failures: Int
    }
    private let state = Mutex<[DomainName: Rest]>([:])
    private let seen = Mutex<Int64?>(nil)

    /// Up to where ended waits were heard of.
    var mark: Int64? { seen.withLock { $0 } }

    /// Hears of waits that were ended.
    func wake(_ ended: EndedWaits) {
        for zone in ended.zones { wake(zone) }
        seen.withLock { $0 = ended.mark }
    }

    func zones(at now: Instant) -> [DomainName] {
        state.withLock { $0.filter { now < $0.value.until }.map(\.key) }
    }

    func first(after now: Instant) -> Instant? {
        state.withLock { $0.values.map(\.until).filter { $0 > now }.min() }
    }

    func failures(of zone: DomainName) -> Int { state.withLock { $0[zone]?.failures ?? 0 } }

    func rest(_ zone: DomainName, until: Instant, isFailure: Bool) {
        state.withLock { state in
            let failures = state[zone]?.failures ?? 0
            state[zone] = Rest(until: until, failures: failures + (isFailure ? 1 : 0))
        }
    }

    func wake(_ zone: DomainName) { state.withLock { $0[zone] = nil } }
}
