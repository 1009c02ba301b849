package import DNS
import Findings
import MTASTS

/// A domain that left: its delegation points elsewhere, or is gone.
package struct Loss: Hashable, Sendable {
    /// The servers that answer for it now; none where it is delegated to nobody.
    package var to: [DomainName]
    /// Since when, as far as it was seen.
    package var since: Instant
    /// Until when a sender may hold a policy of ours, and so ask for its host.
    package var keptUntil: Instant
    /// Whether our record is still answered where the domain is now, so that senders go on fetching our policy.
    package var isAnnounced: Bool
}

extension ZoneLedger {
    /// The loss that a look shows; `nil` where the domain is at home, or that can't be told.
    package func loss(in live: LiveZone, at now: Instant) -> Loss? {
        guard let whereabouts = live.whereabouts, isManaged,
            case .away(let to) = whereabouts.verdict(home: steering.home)
        else { return nil }
        let since = steering.lostSince ?? now
        let key = Owned.owner(of: .mtaSTSRecord, zone: zone, delegation: desired?.zone.delegation)
            .map { RecordKey(name: $0, type: .txt) }
        let seen = key.flatMap { live.seen[$0] } ?? .unknown(.notAsked)
        let isAnnounced: Bool =
            switch seen {
            case .absent: false
            // What could not be read may announce (design, rule 10).
            case .unknown: true
            case .value(let data):
                published.contains {
                    $0.id == PolicyIdentity.announcedID(in: data.compactMap(\.text))
                }
            }
        let last = isAnnounced ? now : max(since, steering.answeredAway ?? since)
        // Resolvers may ask the former servers for as long as the parent's NS records live; two days are usual.
        let end = max(bindsUntil(replacedBy: last), answeredUntil(replacedBy: last)) + 2 * Steering.day
        return Loss(to: to, since: since, keptUntil: end, isAnnounced: isAnnounced)
    }

    /// What the ledger has to learn of where the domain is; that our record is answered there once an hour.
    package func whereaboutsEvents(in live: LiveZone, at now: Instant) -> [LedgerEvent] {
        guard let whereabouts = live.whereabouts, isManaged else { return [] }
        switch whereabouts.verdict(home: steering.home) {
        case .home(let names) where names != steering.home || steering.lostSince != nil: return [.homeSeen(names)]
        case .away:
            let isLate = steering.answeredAway.map { now - $0 >= 3_600 } ?? true
            return (steering.lostSince == nil ? [.lost] : [])
                + (isLate && loss(in: live, at: now)?.isAnnounced ?? false ? [.answeredAway] : [])
        case .home, .unknown: return []
        }
    }
}

extension RecordData {
    fileprivate var text: [UInt8]? { if case .txt(let text) = self { text.joined } else { nil } }
}

extension Comparison {
    /// What is to be done for a domain that left: host and certificate are kept up as long as a sender may ask for them. After that they
    /// go where nobody asks for the zone any more; its records are nobody's to write from here.
    static func ofLost(_ loss: Loss, _ input: PlannerInput) -> Comparison {
        let ledger = input.ledger ?? ZoneLedger(zone: input.wish.zone)
        let isGone = if case .gone = input.wish.wish { true } else { false }
        let mayGo = isGone && !(ledger.desired?.zone.protect ?? false) && input.wish.withdrawalBlock == nil
        let isOver = input.now >= loss.keptUntil
        guard mayGo, isOver else {
            var stage = Stage.keepingUp(ledger.applied)
            stage.isBlocked = true
            stage.findings = [loss.finding(isOver: isOver)]
            if mayGo {
                stage.holds = [
                    Hold(.policyHost, "senders may hold the policy until then", until: loss.keptUntil)
                ]
            }
            let milder = stage.relaxed(input)
            var comparison = Comparison(input: input, stage: milder, desired: nil)
            comparison.runUpkeep()
            // Whoever copied our record leads senders to the policy that is served: that one can be made milder still.
            if milder.isRelaxed, let body = milder.wanted.policy { comparison.comparePolicy(body) }
            return comparison
        }
        var stage = Stage(Publication(), certificate: .removed)
        stage.withdrawal = .free
        var comparison = Comparison(input: input, stage: stage, desired: nil)
        comparison.compareRemovals()
        return comparison
    }
}

extension Loss {
    fileprivate func finding(isOver: Bool) -> Finding {
        let place =
            to.isEmpty
            ? "is delegated to nobody any more (its registration may have lapsed)"
            : "is delegated to \(to.prefix(4).map(\.description).joined(separator: ", ")) now, none of which is known to be its own"
        let held =
            isOver
            ? "no sender can hold a policy of it any more"
            : isAnnounced
                ? "its record is still answered there, so senders go on asking for the policy, which is kept up"
                : "senders may hold its policy until \(keptUntil), and host and certificate are kept up until then"
        return Finding(
            .error, .zoneLost,
            "the domain \(place), since \(since): what is written at its provider reaches nobody; \(held)",
            action: isOver
                ? "delete the manifest, or bring the delegation back"
                : isAnnounced
                    ? "bring the delegation back; if the domain left for good, have whoever serves it now take '_mta-sts' and 'mta-sts' away, or end the upkeep by 'certadns release'"
                    : "bring the delegation back; if the domain left for good, delete the manifest: what is kept goes after that time",
            actor: .operator)
    }
}
