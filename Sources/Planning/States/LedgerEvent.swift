package import DNS

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
    /// MX hosts seen at the observer.
    case mxSeen([DomainName])

    /// The bounded label of the audit trail.
    package var kind: String {
        switch self {
        case .intent: "intent"
        case .outcome: "outcome"
        case .withdrawn: "withdrawn"
        case .converged: "converged"
        case .mxSeen: "mx-seen"
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
        case .mxSeen(let hosts):
            for host in hosts { ledger.see(host, at: now) }
        }
        return ledger
    }

    /// A policy once begun is never forgotten; begun again, it keeps its first moment and its largest TTL.
    private mutating func begin(_ policy: PublishedPolicy) {
        guard let index = published.firstIndex(where: { $0.id == policy.id }) else {
            published.append(policy)
            return
        }
        published[index].largestTTL = max(published[index].largestTTL, policy.largestTTL)
        // Announced anew: what was replaced may be cached again, so its clock stops.
        published[index].replacedAt = nil
    }

    private mutating func settle(_ resource: Resource, _ left: Publication, at now: Instant) {
        switch resource {
        case .tlsRPTRecord: applied.tlsRPT = left.tlsRPT
        case .policyHost: applied.host = left.host
        case .certificate: applied.certificate = left.certificate
        case .policy: applied.policy = left.policy
        case .mtaSTSRecord:
            applied.mtaSTS = left.mtaSTS
            // The record alone says which id is public: the policy that was put last may not be announced yet, and senders may
            // fetch it under the id that is. Every other one is out of their reach from this look on.
            let announced = PolicyIdentity.announcedID(in: left.mtaSTS.flatMap(\.texts))
            for index in published.indices {
                if published[index].id == announced {
                    published[index].announcedAt = published[index].announcedAt ?? now
                    published[index].replacedAt = nil
                    published[index].largestTTL = max(published[index].largestTTL, left.mtaSTS.map(\.ttl).max() ?? 0)
                } else if published[index].id != applied.policy?.id, published[index].replacedAt == nil {
                    published[index].replacedAt = now
                }
            }
        }
    }

    private mutating func see(_ host: DomainName, at now: Instant) {
        if let index = mxSeen.firstIndex(where: { $0.host == host }) {
            mxSeen[index].last = now
        } else {
            mxSeen.append(MXSeen(host: host, first: now, last: now))
        }
    }
}
