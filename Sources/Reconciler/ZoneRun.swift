import DNS
import Findings
import Planning
import Ports

/// One zone's apply under its lease.
struct ZoneRun {
    let wish: ZoneWish
    let store: any LedgerStore
    let lease: HeldLease
    let run: ApplyRun
    let executor: StepExecutor

    func perform(_ look: ZoneLook) async throws(Failure) -> ZoneOutcome {
        let plan = look.planned.plan
        try await remember(look.live)
        let known = try await store.ledger(of: wish.zone)
        let delegation = wish.desired(or: known)?.delegation
        for event in known.surprises(in: look.live, delegation: delegation) {
            try await lease.record(event, note(event.surpriseWords))
        }
        for event in known.whereaboutsEvents(in: look.live, at: executor.now) {
            try await lease.record(event, note("the domain is delegated elsewhere, or to nobody"))
        }
        let assumption = known.assumption(
            in: look.live, delegation: delegation, before: plan, receipt: wish.receipt, at: executor.now)
        if let event = assumption {
            let words =
                event.kind == "inherited"
                ? "taken over by its receipt, with the policies that it names"
                : "what was announced before counts as a policy of a year, enforced"
            try await lease.record(event, note(words))
        }
        if look.planned.stage?.beginsWithdrawal ?? false, plan.verdict != .blocked {
            try await lease.record(.withdrawing, note("the withdrawal begins"))
        }
        if let event = known.change(by: look.planned, of: wish, at: executor.now) {
            try await lease.record(event, note("what is out begins to change"))
        }
        if let relaxation = known.steering.relaxation, plan.verdict != .blocked, plan.verdict != .unknown,
            case .desired(let desired) = wish.wish, relaxation.ends(with: desired)
        {
            try await lease.record(.relaxationEnded, note("a commit agrees with the relaxation, or ends it"))
        }
        if let event = wish.begins(look.planned, ledger: known, claim: look.claim, commit: run.commit) {
            try await lease.record(event, note("begins with this manifest"))
        }
        run.tell(.began(wish.zone, steps: plan.steps.count))
        var done = 0
        var leftover: Failure?
        for step in plan.steps {
            if run.isStopping() {
                return outcome(.failed, "the run was told to stop before the \(step.resource.words)", done, step)
            }
            run.tell(.step(wish.zone, step))
            do throws(Failure) {
                if let failure = try await perform(step, recordTTL: look.planned.recordTTL) { leftover = failure }
            } catch {
                if step.resource == .challenge {
                    leftover = error
                    continue
                }
                // Nobody was asked, and the next plan says again when: there is nothing to remember.
                if error.kind == .overBudget { return outcome(.held, error.detail, done, step) }
                if step.resource == .certificate, let hold = try await hold(after: error) {
                    // Only a wait that the CA asked for is none of our failures.
                    let words = "\(error.detail); nothing is ordered before \(hold.until)"
                    return error.retryAfter == nil
                        ? outcome(.failed, words + " unless 'certadns retry' ends the wait", done, step)
                        : outcome(.held, words, done, step)
                }
                return outcome(.failed, error.detail, done, step)
            }
            done += 1
            run.tell(.done(wish.zone, step))
        }
        try await settle(look.planned)
        let released = try await releaseHosts()
        var outcome = ending(plan, done)
        let errors = plan.errorsLeft
        outcome.errors = errors.count
        // Whatever else is said: an exit status that an error decides goes with its words.
        if let error = errors.first, !outcome.detail.contains(error.message) {
            outcome.detail += (outcome.detail.isEmpty ? "" : "; and ") + error.message
        }
        if outcome.detail.isEmpty, !released.isEmpty { outcome.detail = "\(released) may go now" }
        if outcome.detail.isEmpty, case .gone = wish.wish, wish.owner.isOwnName {
            outcome.detail = "it is listed no longer: its certificate is kept, and not renewed any more"
        }
        return self.outcome(outcome, leaving: leftover)
    }

    /// Former hosts whose time has ended are told once, here, and forgotten.
    private func releaseHosts() async throws(Failure) -> String {
        let ended = try await store.ledger(of: wish.zone).formerHosts.filter { $0.until <= executor.now }
        if ended.isEmpty { return "" }
        let places = ended.map { "\($0.place)" }.joined(separator: ", ")
        try await lease.record(.hostsReleased(by: executor.now), note("former policy hosts may go: \(places)"))
        return places
    }

    private func ending(_ plan: ZonePlan, _ done: Int) -> ZoneOutcome {
        switch plan.verdict {
        case .blocked:
            return outcome(.blocked, plan.firstError ?? "a person is needed", done)
        case .unknown:
            // A person's word was done; what else is wrong counts as an error of the zone.
            if plan.steps.contains(where: { $0.causes.contains(.relaxed) }) {
                return outcome(.applied, "the policy was relaxed, and nothing else is changed", done)
            }
            return outcome(.failed, wish.unreadable ?? plan.firstError ?? "something can't be read", done)
        case .changes, .inSync, .notApplicable:
            if let hold = plan.holds.first {
                return outcome(.held, hold.reason + (hold.until.map { " (until \($0))" } ?? ""), done)
            }
            return outcome(done == 0 ? .nothingToDo : .applied, "", done)
        }
    }

    /// The name that the certificate is for.
    var host: DomainName { wish.owner.host }

    /// What proves control and remembers orders, under this zone's lease.
    var desk: IssuanceDesk {
        let lease = lease
        let run = run
        let pause: @Sendable (Int) async throws(Failure) -> Void = { milliseconds async throws(Failure) in
            // No wait is so long that the lease lapses in it.
            let longest = run.leaseSeconds * 1_000 / 4
            for begun in stride(from: 0, to: max(milliseconds, 1), by: max(longest, 1)) {
                do { try await run.sleep(min(longest, milliseconds - begun)) } catch {
                    throw Failure(.cancelled, "told to stop while waiting")
                }
                try await lease.keepAlive()
            }
        }
        let note: @Sendable (String) -> AuditNote = { [digest = wish.digest] what in
            AuditNote(commit: run.commit, digest: digest, what: what)
        }
        return IssuanceDesk(
            challenges: ZoneChallenges(
                host: host, dns: executor.writers.dns, resolver: executor.readers.forgetfulResolver,
                proving: executor.writers.proving, lease: lease, note: note, pause: pause),
            journal: LeasedJournal(
                zone: wish.zone, host: host, store: store, keys: executor.writers.keys, lease: lease,
                budget: executor.writers.budget, note: note),
            pause: pause, tell: { [zone = wish.zone] words in run.tell(.noted(zone, words)) })
    }

    /// A failure that another try soon would not mend becomes a wait, so that no loop asks a CA in vain, and every run knows of it. What
    /// took a whole run's patience is one: a proof that some name server never showed, an order that the CA did not end.
    private func hold(after failure: Failure) async throws(Failure) -> IssuanceHold? {
        guard [.limited, .rejected, .unfinished].contains(failure.kind) || failure.retryAfter != nil else { return nil }
        let ledger = try await store.ledger(of: wish.zone)
        let hold = IssuanceWaiting.hold(
            retryAfter: failure.retryAfter, reason: failure.detail, previous: ledger.issuance.hold,
            certificate: ledger.applied.certificate, now: try await store.now())
        try await lease.record(.issuance(.held(hold)), note("waits with the CA until \(hold.until)"))
        return hold
    }

    private func outcome(_ kind: ZoneOutcome.Kind, _ detail: String, _ done: Int, _ failed: Step? = nil) -> ZoneOutcome
    {
        ZoneOutcome(zone: wish.zone, kind, detail, stepsDone: done, failedStep: failed?.resource)
    }

    /// Intent, requirement, effect, outcome; with retries for what may pass. An effect that was seen is not made again because
    /// its outcome could not be written down. Gives back what could not be tidied up after a step that is done.
    private func perform(_ step: Step, recordTTL: UInt32) async throws(Failure) -> Failure? {
        let digest = step.digest(zone: wish.zone)
        let intent = Intent(step: digest, resource: step.resource, at: executor.now, writing: step.writing)
        var left: Publication?
        var isDone = false
        var attempt = 1
        while true {
            do throws(Failure) {
                if left == nil {
                    // No write starts with less lease left than it may take.
                    try await lease.renew()
                    try await executor.require(step.requires)
                    let row = row(step, ttl: recordTTL)
                    try await lease.record(.intent(intent, policy: row), note(step, "begin"))
                    left = try await executor.perform(step, at: desk)
                }
                guard let left else { return nil }
                // Before the outcome: until it stands the zone is due, and whoever comes next looks again; afterwards nobody would.
                if step.resource == .certificate { try await executor.writers.keys.dropPending(for: host) }
                try await lease.record(
                    .outcome(step: digest, resource: step.resource, left: left), note(step, "done"))
                isDone = true
                if let event = try await store.ledger(of: wish.zone).correction(by: step, at: executor.now) {
                    try await lease.record(event, note("put back: \(step.resource.words)"))
                }
                if step.resource == .certificate { try await tidy() }
                return nil
            } catch {
                let wait = run.retry.wait(
                    after: attempt, retryable: error.retryable, onceOnly: error.kind == .unauthorized,
                    jitter: run.jitter())
                guard let wait else {
                    if step.resource == .certificate { try? await withdrawProofs() }
                    if left == nil { try await forget(step, digest, after: error) }
                    if isDone { return error }
                    throw error
                }
                run.tell(.retrying(wish.zone, step, reason: error.detail, seconds: (wait + 999) / 1_000))
                attempt += 1
                do { try await run.sleep(wait) } catch { throw Failure(.cancelled, "told to stop while waiting") }
            }
        }
    }

    /// A failure that positively left the world alone closes its intent; all others leave it open, for the next run to see.
    private func forget(_ step: Step, _ digest: String, after failure: Failure) async throws(Failure) {
        guard [.conflict, .unauthorized, .configuration, .overBudget].contains(failure.kind) else { return }
        if case .policy = step.effect { return }
        // Whoever renews makes up for it, once the folder or the command is mended.
        if case .delivery = step.effect { return }
        try await lease.record(.withdrawn(step: digest), note(step, "failed: \(failure.detail)"))
    }

    /// The ledger's row for a policy about to be public, announced under a record of this TTL.
    private func row(_ step: Step, ttl: UInt32) -> PublishedPolicy? {
        guard case .policy(let body, _) = step.effect else { return nil }
        return PolicyIdentity.row(for: body, ttl: ttl, at: executor.now)
    }

    /// The mail hosts' history, from which later plans tell whether MX is stable, whom a policy follows, and who left.
    private func remember(_ live: LiveZone) async throws(Failure) {
        for event in try await store.ledger(of: wish.zone).mailHostEvents(in: live, at: executor.now) {
            try await lease.record(event, note(event.kind == "mx-left" ? "mail hosts missed" : "mail hosts seen"))
        }
    }

    private func note(_ step: Step, _ what: String) -> AuditNote {
        note("\(what): \(step.verb.rawValue) \(step.resource.words)")
    }

    func note(_ what: String) -> AuditNote { AuditNote(commit: run.commit, digest: wish.digest, what: what) }

    /// After the steps the ledger must say what is live: also where somebody else already made it so.
    private func settle(_ planned: PlannedZone) async throws(Failure) {
        if case .renewal = wish.wish {
            try await settleCertificate()
            return try await settleDelivery(planned)
        }
        if case .gone = wish.wish, wish.owner.isOwnName { return try await letGo() }
        let ledger = try await store.ledger(of: wish.zone)
        let events = Settlement.events(
            after: planned, of: wish, ledger: ledger,
            held: try await executor.readers.certificates.certificate(for: host), commit: run.commit, at: executor.now)
        if events.contains(.departed) { try await endIssuance() }
        for event in events { try await lease.record(event, note(event.settlementWords)) }
        if planned.plan.verdict != .blocked, planned.plan.verdict != .unknown { try await dropUnusedKey() }
        try await lookForReplacement()
    }
}

extension ZoneRun {
    /// A delivery that was begun, and of which this look found nothing left to do.
    private func settleDelivery(_ planned: PlannedZone) async throws(Failure) {
        guard planned.plan.verdict != .unknown,
            try await store.ledger(of: wish.zone).intents.contains(where: { $0.resource == .delivery })
        else { return }
        try await lease.record(
            .outcome(step: "", resource: .delivery, left: Publication()),
            note("found as wanted: \(Resource.delivery.words)"))
    }

    /// A certificate that was stored and whose outcome was lost is the one that counts; its key waits for nothing any more.
    private func settleCertificate() async throws(Failure) {
        if let held = try await executor.readers.certificates.certificate(for: host),
            try await store.ledger(of: wish.zone).applied.certificate != held
        {
            try await executor.writers.keys.dropPending(for: host)
            try await lease.record(
                .outcome(step: "", resource: .certificate, left: Publication(certificate: held)),
                note("found as wanted: \(Resource.certificate.words)"))
        }
        try await dropUnusedKey()
    }
}

extension ZonePlan {
    /// Its errors after all its steps were done: a certificate that was renewed is no longer overdue.
    fileprivate var errorsLeft: [Finding] {
        let isRenewed = steps.contains { $0.resource == .certificate }
        return findings.filter { $0.severity == .error && !(isRenewed && $0.code == .certificateOverdue) }
    }
}
