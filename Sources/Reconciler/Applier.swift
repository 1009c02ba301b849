import DNS
package import Planning
package import Ports

/// Runs zones' steps in order, intent before and outcome after, and stops a zone at its first failure.
package struct Applier: Sendable {
    private let store: any LedgerStore
    private let planner: FleetPlanner
    private let ports: @Sendable (ZoneWish, ZoneLedger) async throws(Failure) -> (ZoneReaders, ZoneWriters)
    private let run: ApplyRun

    /// An applier. `planner` must read the same ledger as `store`.
    package init(
        store: any LedgerStore, planner: FleetPlanner, run: ApplyRun,
        ports: @escaping @Sendable (ZoneWish, ZoneLedger) async throws(Failure) -> (ZoneReaders, ZoneWriters)
    ) {
        self.store = store
        self.planner = planner
        self.run = run
        self.ports = ports
    }

    /// Applies one zone under its lease: look again, then act. With a `reviewed` plan, only its steps run.
    package func apply(_ wish: ZoneWish, reviewed: ZonePlan?) async -> ZoneOutcome {
        if run.isStopping() { return end(ZoneOutcome(zone: wish.zone, .notStarted, "the run was told to stop")) }
        do throws(Failure) {
            let lease = try await store.acquire(
                wish.zone, by: run.owner, for: run.leaseSeconds, with: run.patience)
            let outcome: ZoneOutcome
            let held = HeldLease(lease, store: store, seconds: run.leaseSeconds)
            do throws(Failure) { outcome = try await apply(wish, reviewed: reviewed, lease: held) } catch {
                outcome = ZoneOutcome(zone: wish.zone, .failed, error.detail)
            }
            await giveBack(lease)
            return end(outcome)
        } catch {
            return end(ZoneOutcome(zone: wish.zone, .failed, error.detail, isBusy: error.kind == .busy))
        }
    }

    /// Ends a zone that can't be judged at all.
    func skip(_ zone: DomainName, _ reason: String) -> ZoneOutcome { end(ZoneOutcome(zone: zone, .skipped, reason)) }

    /// Also when this zone's task is cancelled: who comes next shall not have to wait for the lease to lapse.
    private func giveBack(_ lease: Lease) async {
        await Task { try? await store.release(lease) }.value
    }

    private func end(_ outcome: ZoneOutcome) -> ZoneOutcome {
        run.tell(.ended(outcome))
        return outcome
    }

    private func apply(_ wish: ZoneWish, reviewed: ZonePlan?, lease: HeldLease) async throws(Failure) -> ZoneOutcome {
        let question = RenewalQuestion(
            zone: wish.zone, store: store, lease: lease, run: run,
            note: AuditNote(commit: run.commit, digest: wish.digest, what: "asked when to renew the certificate"))
        // What was reviewed must not be overtaken by what the CA says now: then it is asked afterwards.
        if reviewed == nil { await ask(question, wish) }
        let outcome = try await planned(wish, reviewed: reviewed, lease: lease)
        await ask(question, wish)
        return outcome
    }

    private func ask(_ question: RenewalQuestion, _ wish: ZoneWish) async {
        guard !run.isStopping() else { return }
        await question.ask { () async throws(Failure) in
            try await ports(wish, try await store.ledger(of: wish.zone)).1
        }
    }

    private func planned(_ wish: ZoneWish, reviewed: ZonePlan?, lease: HeldLease) async throws(Failure) -> ZoneOutcome {
        let now = try await store.now()
        var look = try await planner.look(at: wish, now: now)
        // What was to wait when it was reviewed waits: nobody saw it as a step.
        if let hold = reviewed?.holds.first(where: { $0.resource == .certificate }) {
            look = look.holdingCertificate(BudgetRefusal(until: hold.until ?? now, reason: hold.reason))
        }
        let plan = look.planned.plan
        if let reviewed, let moved = Review.moved(from: reviewed, to: plan) {
            return ZoneOutcome(zone: wish.zone, .skipped, moved)
        }
        if plan.verdict == .unknown, plan.steps.isEmpty {
            return ZoneOutcome(zone: wish.zone, .failed, wish.unreadable ?? plan.firstError ?? "it can't be read")
        }
        let (readers, writers) = try await ports(wish, try await store.ledger(of: wish.zone))
        if let waiting = look.waiting, let budget = writers.budget {
            try await budget.store.keepPlace(for: waiting, at: budget.rules.issuer, under: lease.current)
        }
        let zone = ZoneRun(
            wish: wish, store: store, lease: lease, run: run,
            executor: StepExecutor(zone: wish.zone, readers: readers, writers: writers, now: now))
        return try await zone.perform(look)
    }
}

/// What all zones of one apply share.
package struct ApplyRun: Sendable {
    /// Who holds the leases.
    package let owner: LeaseOwner
    /// The commit of the manifests, where known.
    package let commit: String?
    /// How long a lease lasts without renewal, in seconds.
    package let leaseSeconds: Int
    /// How long a zone's lease is waited for, in seconds.
    package let lockTimeout: Int
    /// Whether failed calls are made again.
    package let retry: RetryDecision
    /// Waits so many milliseconds.
    package let sleep: @Sendable (Int) async throws -> Void
    /// Jitter in 0..<1.
    package let jitter: @Sendable () -> Double
    /// Whether the run shall end after the step in hand.
    package let isStopping: @Sendable () -> Bool
    /// Hears what happens.
    package let tell: @Sendable (ApplyEvent) -> Void
    /// How long a zone's lease is waited for.
    var patience: LeasePatience {
        LeasePatience(seconds: lockTimeout, sleep: sleep, isStopping: isStopping) { [tell] zone, words in
            tell(.noted(zone, words))
        }
    }
    /// Whether the CA answers questions about renewals.
    let silence = SilentCA()

    /// A run.
    package init(
        owner: LeaseOwner, commit: String?, leaseSeconds: Int = 120, lockTimeout: Int = 0,
        retry: RetryDecision = RetryDecision(),
        sleep: @escaping @Sendable (Int) async throws -> Void, jitter: @escaping @Sendable () -> Double,
        isStopping: @escaping @Sendable () -> Bool, tell: @escaping @Sendable (ApplyEvent) -> Void
    ) {
        self.owner = owner
        self.commit = commit
        self.leaseSeconds = leaseSeconds
        self.lockTimeout = lockTimeout
        self.retry = retry
        self.sleep = sleep
        self.jitter = jitter
        self.isStopping = isStopping
        self.tell = tell
    }
}
