import DNS
import Findings
import MTASTS
import Planning

/// One run of an applier: the same pure decisions as the product's, the same order of intent, effect and outcome, and a place to die at.
struct Run {
    /// Where a run is disturbed.
    enum Trouble: Hashable {
        case kill(call: Int, after: Bool)
        case fail(call: Int, after: Bool)
        case overtaken(call: Int, by: ZoneWish)
        case swept(call: Int)
    }

    /// Why a run ended early.
    private enum Stop: Error { case killed, failed }

    /// What a run can't read.
    struct Unanswered {
        var keys: Set<RecordKey> = []
        /// Whether a provider answered with half of its list, rather than not at all.
        var isHalf = false
    }

    let wish: ZoneWish
    let trouble: Trouble?
    /// Names that the run gets no answer for.
    let hidden: Unanswered
    let mutant: Mutant?
    /// Whether the run takes no time at all.
    let isFrozen: Bool
    private var calls = 0

    init(
        _ wish: ZoneWish, trouble: Trouble? = nil, hidden: Unanswered = Unanswered(), isFrozen: Bool = false,
        mutant: Mutant?
    ) {
        self.isFrozen = isFrozen
        self.wish = wish
        self.trouble = trouble
        self.hidden = hidden
        self.mutant = mutant
    }

    /// What is planned now.
    func plan(_ scene: Scene, _ ledger: ZoneLedger) -> PlannedZone {
        let input = PlannerInput(
            wish: wish, ledger: mutant?.misremember(ledger, wish) ?? ledger, live: look(scene),
            now: Instant(seconds: scene.now))
        let planned = Planner.plan(input)
        return mutant?.misjudge(planned, wish) ?? planned
    }

    /// Applies once, with senders at work between the calls.
    mutating func perform(_ scene: inout Scene, _ ledger: inout ZoneLedger, _ chance: inout Chance) {
        scene.tally.runs += 1
        calls = 0
        let planned = plan(scene, ledger)
        do throws(Stop) {
            for event in ledger.mailHostEvents(in: look(scene), at: Instant(seconds: scene.now)) {
                try record(event, &scene, &ledger, &chance)
            }
            for event in ledger.surprises(in: look(scene), delegation: nil) {
                try record(event, &scene, &ledger, &chance)
            }
            if planned.stage?.beginsWithdrawal ?? false, planned.plan.verdict != .blocked {
                try record(.withdrawing, &scene, &ledger, &chance)
            }
            for step in planned.plan.steps {
                try perform(step, recordTTL: planned.recordTTL, &scene, &ledger, &chance)
            }
            let events = Settlement.events(
                after: planned, of: wish, ledger: ledger, held: scene.certificate, commit: nil,
                at: Instant(seconds: scene.now))
            for event in events where mutant?.keeps(event) ?? true { try record(event, &scene, &ledger, &chance) }
            if ledger.awaitsReplacement {
                let look = scene.net.look(for: ledger.announcedID, at: scene.now)
                if !look.lagging.isEmpty { scene.tally.looks["lagging", default: 0] += 1 }
                if !look.silent.isEmpty { scene.tally.looks["silent", default: 0] += 1 }
                try record(.replacementSeen(mutant?.mislook(look) ?? look), &scene, &ledger, &chance)
            }
        } catch {}
    }

    private mutating func perform(
        _ step: Step, recordTTL: UInt32, _ scene: inout Scene, _ ledger: inout ZoneLedger, _ chance: inout Chance
    ) throws(Stop) {
        let kind = "\(step.verb.rawValue) \(step.resource.rawValue)"
        let digest = step.digest(zone: Scene.zone)
        scene.noteLook()
        if case .policyServed(let body, _)? = step.requires, served(scene) != body, mutant != .readsNothingBack {
            throw .failed
        }
        var row: PublishedPolicy?
        if case .policy(let body, _) = step.effect {
            row = PolicyIdentity.row(for: body, ttl: recordTTL, at: Instant(seconds: scene.now))
        }
        let intent = Intent(
            step: digest, resource: step.resource, at: Instant(seconds: scene.now), writing: step.writing)
        if mutant != .forgetsIntents {
            try note("before \(kind)", &scene) { (run, scene) throws(Stop) in
                try run.record(.intent(intent, policy: row), &scene, &ledger, &chance)
            }
        }
        var left = Publication()
        try note("within \(kind)", &scene) { (run, scene) throws(Stop) in
            let isFollowed = run.wish.followsMailHosts
            try run.call(&scene, &chance) { scene throws(Stop) in
                // By the wish of whoever writes, who may not be the run that began.
                scene.movements.isFollowed = isFollowed
                left = try Self.effect(step, &scene)
            }
        }
        let outcome = LedgerEvent.outcome(step: digest, resource: step.resource, left: left)
        guard mutant?.keeps(outcome) ?? true else { return }
        try note("after \(kind)", &scene) { (run, scene) throws(Stop) in
            try run.record(outcome, &scene, &ledger, &chance)
        }
    }

    /// Counts where runs were killed.
    private mutating func note(
        _ place: String, _ scene: inout Scene, _ body: (inout Run, inout Scene) throws(Stop) -> Void
    ) throws(Stop) {
        do throws(Stop) { try body(&self, &scene) } catch {
            if error == .killed { scene.tally.killed[place, default: 0] += 1 }
            throw error
        }
    }

    private static func effect(_ step: Step, _ scene: inout Scene) throws(Stop) -> Publication {
        var left = Publication()
        switch step.effect {
        case .records(let change):
            guard scene.write(change) else { throw .failed }
            switch step.resource {
            case .tlsRPTRecord: left.tlsRPT = change.writing
            case .policyHost: left.host = change.writing
            case .mtaSTSRecord: left.mtaSTS = change.writing
            case .certificate, .policy, .challenge, .delivery: break
            }
        case .certificate(let names, _):
            scene.issue(names)
            left.certificate = scene.certificate
        case .policy(let body, _):
            scene.put(body)
            left.policy = body
        case .removal:
            if step.resource == .policy { scene.put(nil) }
            if step.resource == .certificate { scene.dropCertificate() }
        case .challenge, .delivery: break
        }
        return left
    }

    private mutating func record(
        _ event: LedgerEvent, _ scene: inout Scene, _ ledger: inout ZoneLedger, _ chance: inout Chance
    ) throws(Stop) {
        if case .overtaken(calls, let rival)? = trouble {
            var other = Run(rival, mutant: mutant)
            other.perform(&scene, &ledger, &chance)
            scene.tally.looks["overtaken", default: 0] += 1
            // The store refuses a stale fencing number.
            guard mutant == .ignoresLease else { throw .failed }
        }
        try call(&scene, &chance) { scene throws(Stop) in
            ledger = ledger.recording(event, at: Instant(seconds: scene.now))
        }
    }

    /// One call to the world, which takes its time, and meets the trouble that waits for it.
    private mutating func call(
        _ scene: inout Scene, _ chance: inout Chance, _ body: (inout Scene) throws(Stop) -> Void
    ) throws(Stop) {
        let number = calls
        calls += 1
        switch trouble {
        case .kill(number, after: false)?: throw .killed
        case .fail(number, after: false)?: throw .failed
        case .swept(number)?: scene.sweep()
        default: break
        }
        try body(&scene)
        if !isFrozen, chance.once(in: 2) { scene.now += Int64(chance.pick(4)) }
        if chance.once(in: 2) { scene.deliver(chance.pick(scene.senders.count)) }
        switch trouble {
        case .kill(number, after: true)?: throw .killed
        case .fail(number, after: true)?: throw .failed
        default: break
        }
    }

    private func served(_ scene: Scene) -> String? {
        guard !scene.isDown, scene.net[Scene.host] != nil, let certificate = scene.certificate,
            certificate.notAfter.seconds > scene.now
        else { return nil }
        return scene.policy?.body
    }

    private func record(_ key: RecordKey, _ scene: Scene) -> Observation<RecordSet> {
        if hidden.keys.contains(key) {
            let isMistaken = mutant == .takesUnknownForAbsent || mutant == .takesHalfForAll && hidden.isHalf
            return isMistaken ? .absent(.plain) : .unknown(Unknown("no answer", passing: true))
        }
        if let set = scene.net[key] { return .value(set) }
        guard let set = scene.net.synthesised(key) else { return .absent(.plain) }
        return mutant == .takesWildcardForRecord
            ? .value(set) : .absent(.coveredByWildcard(set.data.map(\.description)))
    }

    /// What an observer sees.
    private func look(_ scene: Scene) -> LiveZone {
        var live = LiveZone(zone: Scene.zone)
        live.mx =
            scene.net[Scene.mail].map { set in
                .value(
                    set.data.compactMap { data in
                        guard case .mx(let mx) = data else { return nil }
                        return LiveMX(preference: mx.preference, host: mx.exchange, target: .addresses([]))
                    })
            } ?? .absent(.plain)
        for key in Owned.keys(of: Scene.zone) {
            live.records[key] = record(key, scene)
        }
        live.certificate = scene.certificate.map { .value($0) } ?? .absent(.plain)
        live.hosted = scene.policy.map { .value($0.body) } ?? .absent(.plain)
        live.caa = .absent(.plain)
        let answer: PolicyLook.Answer =
            served(scene).map { .served($0) } ?? .notServed(.status, "it has none")
        live.policy =
            scene.net[Scene.host] == nil
            ? .absent(.plain) : .value([PolicyLook(address: "host", answer: answer, certificate: scene.certificate)])
        return live
    }
}
