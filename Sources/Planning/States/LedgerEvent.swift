package import DNS
package import MTASTS

/// Something worth remembering, in the order it happened. The store applies it in one durable transaction.
package enum LedgerEvent: Hashable, Sendable, Codable {
    /// A step is about to change the world.
    case intent(Intent, policy: PublishedPolicy?)
    /// The step's effect was seen; the part of the publication that it left behind.
    case outcome(step: String, resource: Resource, left: Publication)
    /// The step failed before it could take effect, positively.
    case withdrawn(step: String)
    /// The whole desired state is live.
    case converged(AppliedDesire)
    /// MX hosts seen at the observer, and under which TTL, in seconds.
    case mxSeen([DomainName], ttl: UInt32? = nil)
    /// Something happened between us and a CA.
    case issuance(IssuanceEvent)
    /// Somebody's policy, of which we know nothing but its id, was found when ours was about to take its place.
    case assumed(PublishedPolicy)
    /// An id, of ours or not, was seen announced under a TTL: what it let senders hold is within their reach again.
    case seenAnnounced(PolicyID, ttl: UInt32)
    /// What every name server answered after the record was changed at the primary.
    case replacementSeen(ReplacementLook)
    /// The zone's withdrawal begins.
    case withdrawing
    /// The zone was withdrawn to the end: its wish, and what was adopted with it, count no longer.
    case departed
    /// Former hosts whose time had ended by then may go, and that was said.
    case hostsReleased(by: Instant)
    /// MX hosts that the observer saw before, and no longer.
    case mxLeft([DomainName])
    /// What is out begins to change, to the desired state of this digest; whether it counts against the fleet's limit.
    case changing(digest: String, counts: Bool)
    /// A person makes the policy milder, at once.
    case relaxed(Relaxation)
    /// A commit agreed with that, or ended it.
    case relaxationEnded
    /// A record set was put back that somebody had changed.
    case corrected(Correction)
    /// The domain was seen at these name servers, by its provider and by resolvers.
    case homeSeen([DomainName])
    /// It was seen delegated elsewhere, or to nobody.
    case lost
    /// Our record was seen answered there.
    case answeredAway
    /// An apply begins with the manifest of this digest, as that commit has it; an empty digest: there is none.
    case began(digest: String, commit: String?)
    /// The ledger was restored from a backup: what was published since it knows nothing of.
    case restored
    /// The zone is managed no longer, and all that is out stays as it is; the digest of the manifest that asks for it still, if one does.
    case released(manifest: String?)
    /// What another instance had published before it released the zone.
    case inherited([PublishedPolicy])

    /// The bounded label of the audit trail.
    package var kind: String {
        switch self {
        case .intent: "intent"
        case .outcome: "outcome"
        case .withdrawn: "withdrawn"
        case .converged: "converged"
        case .mxSeen: "mx-seen"
        case .issuance(let event): event.kind
        case .assumed: "assumed"
        case .seenAnnounced: "seen-announced"
        case .replacementSeen: "replacement-seen"
        case .withdrawing: "withdrawing"
        case .departed: "departed"
        case .hostsReleased: "hosts-released"
        case .mxLeft: "mx-left"
        case .changing: "changing"
        case .relaxed: "relaxed"
        case .relaxationEnded: "relaxation-ended"
        case .corrected: "corrected"
        case .homeSeen: "home-seen"
        case .lost: "lost"
        case .answeredAway: "answered-away"
        case .began: "began"
        case .restored: "restored"
        case .released: "released"
        case .inherited: "inherited"
        }
    }

    /// Whether it is worth a line in the audit trail; what is only seen or drawn is history of its own.
    package var isAudited: Bool {
        switch self {
        case .mxSeen, .mxLeft, .began, .replacementSeen, .changing, .homeSeen, .answeredAway, .issuance(.renewalDrawn),
            .issuance(.rested):
            false
        default: true
        }
    }
}

/// What happens between us and a CA.
package enum IssuanceEvent: Hashable, Sendable, Codable {
    /// An order was placed.
    case ordered(OpenOrder)
    /// An order ended without a certificate.
    case abandoned
    /// A proof is about to be published.
    case presented(ChallengeProof)
    /// A proof was seen gone.
    case withdrawn(ChallengeProof)
    /// The CA could not confirm control of a name; counts against the issuer's budget.
    case unproven(DomainName, issuer: String)
    /// Nothing is ordered until then.
    case held(IssuanceHold)
    /// Whoever renews by itself tries again then; a run by hand need not wait for it.
    case rested(IssuanceHold)
    /// A person ended the zone's wait; with an issuer named, what that one said to the whole account is over, too.
    case waitEnded(issuer: String?)
    /// When the certificate will be renewed.
    case renewalDrawn(RenewalMoment)

    /// The label of waits ended by hand, by which stores find them.
    package static let waitEndedKind = "issuance-released"

    /// The bounded label of the audit trail.
    package var kind: String {
        switch self {
        case .ordered: "ordered"
        case .abandoned: "order-abandoned"
        case .presented: "challenge-presented"
        case .withdrawn: "challenge-withdrawn"
        case .waitEnded: Self.waitEndedKind
        case .unproven: "authorization-failed"
        case .held: "issuance-held"
        case .rested: "issuance-rested"
        case .renewalDrawn: "renewal-drawn"
        }
    }
}

extension Issuance {
    fileprivate mutating func take(_ event: IssuanceEvent) {
        switch event {
        case .ordered(let placed): order = placed
        case .abandoned: order = nil
        case .presented(let proof): if !challenges.contains(proof) { challenges.append(proof) }
        case .withdrawn(let proof): challenges.removeAll { $0 == proof }
        case .unproven: break
        case .held(let wait): hold = wait
        case .rested(let wait): rest = wait
        case .waitEnded:
            hold = nil
            rest = nil
        case .renewalDrawn(let moment): renewal = moment
        }
    }
}

extension ZoneLedger {
    /// The ledger after `event`, which happened at `now`. Pure: every store applies the same function.
    package func recording(_ event: LedgerEvent, at now: Instant) -> ZoneLedger {
        var ledger = self
        switch event {
        case .intent(let intent, let policy):
            ledger.intents.removeAll { $0.step == intent.step }
            ledger.intents.append(intent)
            if let policy { ledger.begin(policy) }
        case .outcome(let step, let resource, let left):
            // The resource was seen: whatever was begun on it before is settled by that look.
            ledger.intents.removeAll { $0.step == step || $0.resource == resource }
            ledger.settle(resource, left, at: now)
        case .withdrawn(let step):
            ledger.intents.removeAll { $0.step == step }
        case .converged(let desire):
            ledger.desired = desire
            ledger.unwatchedSince = nil
            if desire.zone.mtaSTS != nil { ledger.withdrawnAt = nil }
            if ledger.source?.digest != desire.digest { ledger.begin(desire.digest, desire.commit) }
        case .mxSeen(let hosts, let ttl):
            for host in hosts { ledger.see(host, ttl: ttl, at: now) }
        case .issuance(let event): ledger.issuance.take(event)
        case .assumed(let policy): ledger.begin(policy)
        case .seenAnnounced(let id, let ttl): ledger.seeAnnounced(id, ttl: ttl)
        case .replacementSeen(let look): ledger.take(look, at: now)
        case .withdrawing: ledger.withdrawnAt = ledger.withdrawnAt ?? now
        case .departed:
            ledger.desired = nil
            ledger.steering = Steering()
        case .began(let digest, let commit): ledger.begin(digest, commit)
        case .restored: ledger.unwatchedSince = ledger.unwatchedSince ?? now
        case .released(let manifest): ledger.release(at: now, manifest: manifest)
        case .inherited(let policies): ledger.inherit(policies)
        case .hostsReleased(let end): ledger.formerHosts.removeAll { $0.until <= end }
        case .mxLeft(let hosts):
            for host in hosts { ledger.miss(host, at: now) }
        case .changing(let digest, let counts):
            ledger.steering.changed = ZoneChange(at: now, digest: digest, counts: counts)
        case .relaxed(let relaxation): ledger.steering.relaxation = relaxation
        case .relaxationEnded: ledger.steering.relaxation = nil
        case .homeSeen(let names):
            ledger.steering.home = names
            ledger.steering.lostSince = nil
            ledger.steering.answeredAway = nil
        case .answeredAway: ledger.steering.answeredAway = now
        case .lost: ledger.steering.lostSince = ledger.steering.lostSince ?? now
        case .corrected(let correction): ledger.steering.take(correction)
        }
        return ledger
    }

    private mutating func begin(_ digest: String, _ commit: String?) {
        // Whoever begins again manages the zone again.
        steering.released = nil
        source = lastSource?.moved(to: digest, commit: commit) ?? AppliedSource(digest: digest, commit: commit)
    }

    /// A policy once begun is never forgotten; begun again, it keeps its first moment and its largest TTL.
    private mutating func begin(_ policy: PublishedPolicy) {
        var policy = policy
        // Until its own record stands it may be fetched under the one that does.
        policy.largestTTL = max(policy.largestTTL, applied.mtaSTS.map(\.ttl).max() ?? 0)
        guard let index = published.firstIndex(where: { $0.id == policy.id }) else {
            published.append(policy)
            return
        }
        published[index].largestTTL = max(published[index].largestTTL, policy.largestTTL)
        // Announced anew: what was replaced may be cached again, so its clock stops.
        published[index].isOut()
    }

    private mutating func settle(_ resource: Resource, _ left: Publication, at now: Instant) {
        switch resource {
        case .tlsRPTRecord: applied.tlsRPT = left.tlsRPT
        case .policyHost:
            leaveHost(for: left.host, at: now)
            applied.host = left.host
        case .certificate:
            // With another certificate its order and what stood against it are over; the same one seen again ends neither.
            if applied.certificate?.fingerprint != left.certificate?.fingerprint {
                issuance.order = nil
                issuance.hold = nil
                issuance.rest = nil
            }
            applied.certificate = left.certificate
        case .delivery: issuance.rest = nil
        case .challenge: break
        case .policy:
            applied.policy = left.policy
            // What is served no longer can't be fetched, whatever was announced.
            if left.policy == nil {
                supersede(at: now) { _ in true }
                take(ReplacementLook(), at: now)
            }
        case .mtaSTSRecord:
            applied.mtaSTS = left.mtaSTS
            // The record alone says which id is public: the policy that was put last may not be announced yet, and senders may
            // fetch it under the id that is. Every other one is out of their reach from this look on.
            let announced = PolicyIdentity.announcedID(in: left.mtaSTS.flatMap(\.texts))
            for index in published.indices where published[index].id == announced {
                published[index].announcedAt = published[index].announcedAt ?? now
                published[index].isOut()
                published[index].largestTTL = max(published[index].largestTTL, left.mtaSTS.map(\.ttl).max() ?? 0)
            }
            let served = left.mtaSTS.isEmpty ? nil : applied.policy?.id
            supersede(at: now) { $0.id != announced && $0.id != served }
        }
    }

    /// Senders that see an id which they hold extend that; those that do not hold it get what is served now, under it.
    private mutating func seeAnnounced(_ id: PolicyID, ttl: UInt32) {
        for index in published.indices where published[index].id == id || published[index].id == applied.policy?.id {
            if published[index].id == id { published[index].isOut() }
            published[index].largestTTL = max(published[index].largestTTL, ttl)
        }
    }

    /// From `now` on the primary leads no sender to these; what was superseded before keeps its moment.
    private mutating func supersede(at now: Instant, where isOver: (PublishedPolicy) -> Bool) {
        for index in published.indices where published[index].replacedAt == nil && isOver(published[index]) {
            published[index].supersededAt = published[index].supersededAt ?? now
        }
    }

    private mutating func see(_ host: DomainName, ttl: UInt32?, at now: Instant) {
        if let index = mxSeen.firstIndex(where: { $0.host == host }) {
            if mxSeen[index].left != nil { mxSeen[index].first = now }
            mxSeen[index].last = now
            mxSeen[index].left = nil
            mxSeen[index].ttl = [mxSeen[index].ttl, ttl].compactMap { $0 }.max()
        } else {
            mxSeen.append(MXSeen(host: host, first: now, last: now, ttl: ttl))
        }
    }

    /// A host that nobody ever saw, and a policy lists, may have been there until now.
    private mutating func miss(_ host: DomainName, at now: Instant) {
        if let index = mxSeen.firstIndex(where: { $0.host == host }) {
            mxSeen[index].left = mxSeen[index].left ?? now
        } else {
            mxSeen.append(MXSeen(host: host, first: now, last: now, left: now))
        }
    }
}

extension PublishedPolicy {
    /// It is within senders' reach again.
    fileprivate mutating func isOut() {
        supersededAt = nil
        replacedAt = nil
    }
}
