import DNS
import Findings
import MTASTS

/// Runs the differ of each resource over one stage and collects steps and findings.
struct Comparison {
    let input: PlannerInput
    let stage: Stage
    let desired: DesiredZone?
    var steps: [Step] = []
    var findings: [Finding] = []
    /// Resources of which something could not be read (design, rule 10: it belongs to one resource of one zone).
    var unknown: Set<Resource> = []
    var isBlocked = false
    /// What is due but waits; the stage's own come first.
    var holds: [Hold]
    var renewal: DueRenewal?

    init(input: PlannerInput, stage: Stage, desired: DesiredZone?) {
        self.input = input
        self.stage = stage
        self.desired = desired
        holds = stage.holds
    }

    private var zone: DomainName { input.wish.zone }

    mutating func run() {
        for resource in [Resource.tlsRPTRecord, .policyHost, .mtaSTSRecord] { compareRecords(resource) }
        if stage.certificate == .kept { compareCertificate() }
        compareDelivery()
        compareChallenges()
        if let wanted = stage.wanted.policy { comparePolicy(wanted) } else { compareRemovals() }
        judgeLooks()
        judgeTakeOver()
        judgeDivergence()
        judgeDelegation()
        judgeFormerHosts()
        let wanted = stage.wanted.policy?.id
        let isNewPolicy = wanted != nil && wanted != input.ledger?.applied.policy?.id
        steps.removeAll { step in
            // A repair towards what was applied is no new promise.
            step.causes != [.drift] && !unknown.isDisjoint(with: step.rests(isNewPolicy: isNewPolicy))
        }
        holdWhatWaits(isNewPolicy)
        judgeContests()
    }

    /// While the CA is waited for, what rests on a certificate that is not there yet waits with it.
    private mutating func holdWhatWaits(_ isNewPolicy: Bool) {
        guard let hold = holds.first(where: { $0.resource == .certificate }), input.live.certificate.isAbsent else {
            return
        }
        let waiting = steps.filter { $0.rests(isNewPolicy: isNewPolicy).contains(.certificate) }
        steps.removeAll { waiting.contains($0) }
        holds += waiting.map { Hold($0.resource, "it waits for the certificate", until: hold.until) }
    }

    /// What an issuance that ended left behind; while an order is open its proofs are its own.
    mutating func compareChallenges() {
        guard let issuance = input.ledger?.issuance, issuance.order == nil else { return }
        for proof in issuance.challenges {
            steps.append(
                Step(
                    .delete, .challenge, causes: [.due],
                    reason: "an issuance that ended left its proof of control behind", effect: .challenge(proof)))
        }
    }

    /// Only what time brings about, and a person's word.
    mutating func runRenewal() {
        if stage.isRelaxed {
            run()
        } else {
            if stage.certificate == .kept { compareCertificate() }
            compareDelivery()
        }
        steps.removeAll { $0.causes != [.due] && !$0.causes.contains(.relaxed) && $0.resource != .delivery }
    }

    /// The same, and what goes with it: a certificate that was lost is issued anew, a proof left behind is taken away.
    mutating func runUpkeep() {
        if stage.certificate == .kept { compareCertificate() }
        compareDelivery()
        compareChallenges()
        steps.removeAll { $0.causes.contains(.commit) }
    }

    private mutating func compareRecords(_ resource: Resource) {
        guard let owner = Owned.owner(of: resource, zone: zone, delegation: input.delegation) else { return }
        let states = OwnerStates(
            owner: owner, types: Owned.types(of: resource), wanted: records(stage.wanted, resource, at: owner),
            applied: input.ledger.map { records($0.applied, resource, at: owner).map(input.normalForm) },
            begun: input.ledger?.intents.filter { $0.resource == resource }.map {
                $0.writing.map(input.normalForm)
            } ?? [], adopt: desired?.adopt ?? false, isKnown: input.ledger?.desired != nil)
        // Nobody is asked in vain about a name that we neither want nor hold.
        if states.wanted.isEmpty, (states.applied ?? []).isEmpty, states.begun.isEmpty { return }
        switch states.diff(live: input.live) {
        case .same: break
        case .change(_, .delete, _, _, _) where !mayDelete(resource): break
        case .change(let change, let verb, let causes, let reason, let notes):
            findings += notes
            let moved = resource == .mtaSTSRecord && stage.mxMoved
            steps.append(
                Step(
                    verb, resource, causes: moved ? causes.map { $0 == .commit ? .mxMoved : $0 } : causes,
                    reason: announcementReason(resource, causes) ?? reason, effect: .records(change),
                    requires: requirement(resource, change)
                ).asWithdrawal(stage).asRelaxation(stage))
        case .left(let finding): findings.append(finding)
        case .blocked(let finding):
            isBlocked = true
            findings.append(finding)
        case .unknown(let finding):
            unknown.insert(resource)
            findings.append(finding)
        }
    }

    /// Only a withdrawal takes a policy's records away, and nothing that is blocked takes any: what was begun and never seen done is not
    /// wanted yet then, and senders may have seen it.
    private func mayDelete(_ resource: Resource) -> Bool {
        resource == .tlsRPTRecord ? !stage.isBlocked : stage.withdrawal != nil
    }

    /// A zone whose DNS changed hands had its records elsewhere; those are nobody's to change from here.
    private func records(_ publication: Publication, _ resource: Resource, at owner: DomainName) -> [RecordSet] {
        records(publication, resource).filter { $0.key.name == owner }
    }

    private func records(_ publication: Publication, _ resource: Resource) -> [RecordSet] {
        switch resource {
        case .tlsRPTRecord: publication.tlsRPT
        case .policyHost: publication.host
        case .mtaSTSRecord: publication.mtaSTS
        case .certificate, .policy, .challenge, .delivery: []
        }
    }

    /// An id that changes because the body does says so, rather than 'another value'.
    private func announcementReason(_ resource: Resource, _ causes: [Cause]) -> String? {
        guard resource == .mtaSTSRecord, causes == [.commit], input.ledger?.applied.policy != nil,
            input.ledger?.applied.policy?.id != stage.wanted.policy?.id
        else { return nil }
        return "the policy changes, so its id does: senders fetch a policy only when they see a new id"
    }

    /// Design, rule 2: announce only what is served; point the name only at hosts that serve it.
    private func requirement(_ resource: Resource, _ change: RecordChange) -> Step.Requirement? {
        guard let body = stage.wanted.policy?.body, !change.writing.isEmpty else { return nil }
        switch resource {
        case .mtaSTSRecord:
            // Where the zone's owner has the host record, it counts as everybody sees it.
            return .policyServed(
                body: body, at: input.delegation == nil ? .current : .target(WellKnown.hostName(zone)))
        case .policyHost:
            // A first host record may come before its policy: nothing announces it yet. Nor does it wait where it is gone.
            guard !change.expecting.isEmpty, isAnnounced, !provesByHost else { return nil }
            let data = change.writing.flatMap(\.data)
            for case .cname(let target) in data { return .policyServed(body: body, at: .target(target)) }
            return .policyServed(body: body, at: .addresses(data.compactMap(\.address)))
        case .tlsRPTRecord, .certificate, .policy, .challenge, .delivery: return nil
        }
    }

    mutating func compareCertificate() {
        let host = input.wish.owner.host
        judgeRenewal(of: host)
        let issuer = desired?.issuer ?? input.ledger?.applied.certificate?.issuer ?? "local"
        switch CertificateDiff.diff(
            host: host, issuer: issuer, applied: input.ledger?.applied.certificate, held: input.live.certificate,
            renewal: input.ledger?.issuance.renewal, now: input.now)
        {
        case .same: break
        case .change(let verb, let causes, let reason):
            if let wait = input.ledger?.issuance.hold, wait.until > input.now {
                holds.append(Hold(.certificate, wait.reason, until: wait.until))
                return
            }
            if let finding = input.live.caa.finding(for: host, issuer: input.live.issuer) {
                findings.append(finding)
                // The certificate that is there goes on; without one nothing can begin.
                isBlocked = true
                return
            }
            steps.append(
                Step(
                    verb, .certificate, causes: causes, reason: reason,
                    effect: .certificate(names: [host], issuer: issuer)))
        case .unknown(let finding):
            unknown.insert(.certificate)
            findings.append(finding)
        }
    }

    /// A web server of others shows what lies in its folder, which follows what is held.
    private mutating func compareDelivery() {
        guard stage.certificate == .kept, let delivered = input.live.delivered else { return }
        let issue = steps.first { $0.resource == .certificate }
        switch DeliveryDiff.diff(
            held: input.live.certificate, delivered: delivered, issue: issue,
            isBegun: input.ledger?.intents.contains { $0.resource == .delivery || $0.resource == .certificate } ?? false
        )
        {
        case .same: break
        case .change(let verb, let causes, let reason):
            steps.append(
                Step(
                    verb, .delivery, causes: causes, reason: reason,
                    effect: .delivery(host: input.wish.owner.host)))
        case .unknown(let finding):
            unknown.insert(.delivery)
            findings.append(finding)
        }
    }

    /// Whether a web server of others serves the zone.
    private var isFolder: Bool { input.live.delivered != nil }

    /// When the certificate held is due, and whether that is long ago.
    private mutating func judgeRenewal(of host: DomainName) {
        guard case .value(let facts) = input.live.certificate, facts.isFor(host) else { return }
        let issuance = input.ledger?.issuance ?? Issuance()
        let drawn = issuance.renewal.flatMap { $0.fingerprint == facts.fingerprint ? $0 : nil }
        let due = drawn?.at ?? CertificateDiff.usualDue(for: facts)
        renewal = DueRenewal(host: host, at: due, explanation: drawn?.explanation)
        let finding = Overdue.finding(
            host, expiring: facts.notAfter, due: due, hold: issuance.hold, isFolder: isFolder, now: input.now)
        if let finding { findings.append(finding) }
    }

    mutating func comparePolicy(_ wanted: PublishedBody) {
        guard wanted.body.utf8.count <= 65_536 else {
            isBlocked = true
            findings.append(
                Finding(
                    .error, .policyTooLarge,
                    "the policy has \(wanted.body.utf8.count) bytes, senders read at most 65536",
                    action: "use wildcard patterns, or fewer mail hosts"))
            return
        }
        switch PolicyDiff.diff(
            wanted: wanted, applied: input.ledger?.applied.policy, hosted: input.live.hosted, mxMoved: stage.mxMoved,
            knowsLedger: input.ledger != nil)
        {
        case .same: break
        case .change(let replacing, let verb, let causes, let reason):
            steps.append(
                Step(verb, .policy, causes: causes, reason: reason, effect: .policy(wanted, replacing: replacing))
                    .asWithdrawal(stage).asRelaxation(stage))
        case .unknown(let finding):
            unknown.insert(.policy)
            findings.append(finding)
        }
    }

    /// What senders see although nothing is to be written: the host is down, or shows another certificate.
    private mutating func judgeLooks() {
        let pending: Set<Resource> = [.policy, .policyHost, .certificate, .delivery]
        guard let wanted = stage.wanted.policy, !steps.contains(where: { pending.contains($0.resource) }),
            case .value(let looks) = input.live.policy
        else { return }
        for look in looks {
            switch look.answer {
            case .served(let body) where body == wanted.body: break
            case .served:
                findings.append(
                    Finding(
                        .error, .policyFetch, "\(look.address) serves another policy than the one that was published",
                        action: "find out what answers at that address; it may be an older host", actor: .operator))
            case .notServed(let kind, let words):
                findings.append(
                    Finding(
                        .error, kind == .certificate ? .policyCertificate : .policyFetch,
                        "senders get no policy from \(look.address): \(words)",
                        action: HostAdvice.action(after: kind, isFolder: isFolder)
                            ?? "mend the policy host; senders keep what they hold meanwhile", actor: .operator))
            case .unknown(let words):
                unknown.insert(.policy)
                findings.append(
                    Finding(
                        .error, .policyFetch, "what \(look.address) serves could not be read: \(words)",
                        action: "look at the network between here and there", actor: .operator))
            }
        }
    }
}

extension Step {
    /// What must be known before the step may run: what its safety rests on (design, rule 10). Reports rest on nothing, and
    /// a certificate or a host that nothing announces yet only adds cover.
    func rests(isNewPolicy: Bool) -> Set<Resource> {
        switch resource {
        case .tlsRPTRecord, .certificate, .challenge, .delivery: []
        // The next id follows from the one that is announced.
        case .policy: isNewPolicy ? [.mtaSTSRecord] : []
        // Where one stands that is not ours, senders may be led there: it is left only for a host that will have a certificate.
        case .policyHost:
            requires == nil ? verb == .change ? [.certificate] : [] : [.policy, .certificate, .delivery]
        // A record that goes announces nothing.
        case .mtaSTSRecord: verb == .delete ? [] : [.policyHost, .certificate, .policy, .delivery]
        }
    }
}
