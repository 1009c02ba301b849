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
    var isUnknown = false
    var isBlocked = false
    var nextDue: Instant?

    init(input: PlannerInput, stage: Stage, desired: DesiredZone?) {
        self.input = input
        self.stage = stage
        self.desired = desired
    }

    private var zone: DomainName { input.wish.zone }

    mutating func run() {
        for resource in [Resource.tlsRPTRecord, .policyHost, .mtaSTSRecord] { compareRecords(resource) }
        if stage.wantsCertificate { compareCertificate() }
        if let wanted = stage.wanted.policy { comparePolicy(wanted) }
        judgeLooks()
        withholdAnnouncement()
    }

    private mutating func compareRecords(_ resource: Resource) {
        guard let owner = Owned.owner(of: resource, zone: zone) else { return }
        let states = OwnerStates(
            owner: owner, types: Owned.types(of: resource), wanted: records(stage.wanted, resource),
            applied: input.ledger.map { records($0.applied, resource).map(input.normalForm) },
            hasOpenIntent: input.ledger?.intents.contains { $0.resource == resource } ?? false,
            adopt: desired?.adopt ?? false)
        // A name that we neither want nor hold is nobody's business of ours: others may use it.
        if states.wanted.isEmpty, (states.applied ?? []).isEmpty, !states.hasOpenIntent { return }
        switch states.diff(live: input.live) {
        case .same: break
        case .change(let change, let verb, let causes, let reason, let notes):
            findings += notes
            let moved = resource == .mtaSTSRecord && stage.mxMoved
            steps.append(
                Step(
                    verb, resource, causes: moved ? causes.map { $0 == .commit ? .mxMoved : $0 } : causes,
                    reason: announcementReason(resource, causes) ?? reason, effect: .records(change),
                    requires: requirement(resource, change)))
        case .blocked(let finding):
            isBlocked = true
            findings.append(finding)
        case .unknown(let finding):
            isUnknown = true
            findings.append(finding)
        }
    }

    private func records(_ publication: Publication, _ resource: Resource) -> [RecordSet] {
        switch resource {
        case .tlsRPTRecord: publication.tlsRPT
        case .policyHost: publication.host
        case .mtaSTSRecord: publication.mtaSTS
        case .certificate, .policy: []
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
        case .mtaSTSRecord: return .policyServed(body: body, at: nil)
        case .policyHost:
            // A first host record may come before its policy: nothing announces it yet.
            guard !change.expecting.isEmpty, !(input.ledger?.applied.mtaSTS ?? []).isEmpty else { return nil }
            let addresses = change.writing.flatMap(\.data).compactMap { data -> IPAddress? in
                switch data {
                case .a(let address): .v4(address)
                case .aaaa(let address): .v6(address)
                default: nil
                }
            }
            return .policyServed(body: body, at: addresses.isEmpty ? nil : addresses)
        case .tlsRPTRecord, .certificate, .policy: return nil
        }
    }

    private mutating func compareCertificate() {
        let host = WellKnown.hostName(zone)
        let issuer = desired?.issuer ?? input.ledger?.applied.certificate?.issuer ?? "local"
        switch CertificateDiff.diff(
            host: host, issuer: issuer, held: input.live.certificate, due: input.renewalDue, now: input.now)
        {
        case .same(let due): nextDue = due
        case .change(let verb, let causes, let reason):
            steps.append(
                Step(
                    verb, .certificate, causes: causes, reason: reason,
                    effect: .certificate(names: [host], issuer: issuer)))
        case .unknown(let finding):
            isUnknown = true
            findings.append(finding)
        }
    }

    private mutating func comparePolicy(_ wanted: PublishedBody) {
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
                Step(verb, .policy, causes: causes, reason: reason, effect: .policy(wanted, replacing: replacing)))
        case .unknown(let finding):
            isUnknown = true
            findings.append(finding)
        }
    }

    /// What senders see although nothing is to be written: the host is down, or shows another certificate.
    private mutating func judgeLooks() {
        let pending: Set<Resource> = [.policy, .policyHost, .certificate]
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
                        action: kind == .refused
                            ? "start the policy host there ('certadns serve')"
                            : "mend the policy host; senders keep what they hold meanwhile", actor: .operator))
            case .unknown(let words):
                isUnknown = true
                findings.append(
                    Finding(
                        .error, .policyFetch, "what \(look.address) serves could not be read: \(words)",
                        action: "look at the network between here and there", actor: .operator))
            }
        }
    }

    /// While something that the record rests on is blocked or unknown, the record must not be written.
    private mutating func withholdAnnouncement() {
        guard isUnknown || isBlocked else { return }
        steps.removeAll { step in
            guard step.requires != nil else { return false }
            // A repair towards what was applied is no new promise.
            return step.causes != [.drift]
        }
    }
}
