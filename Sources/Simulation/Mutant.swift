import DNS
import MTASTS
import Planning

/// A mistake that somebody could make, one for each clause of the rules. A simulation that does not catch it proves nothing.
package enum Mutant: String, Hashable, Sendable, CaseIterable {
    case announcesFirst = "the record is written before its policy"
    case readsNothingBack = "an id is announced though its policy is not served"
    case skipsNone = "a policy is withdrawn without its none period"
    case forgetsIntents = "no intent is written before the world is changed"
    case losesOutcomes = "the record's outcome is never written"
    case countsAnew = "ids that were used are forgotten"
    case ignoresTTL = "a record's TTL counts for nothing"
    case ignoresMaxAge = "a policy's max_age counts for nothing"
    case countsLatestOnly = "only the latest policy is waited for"
    case countsFromIntent = "a policy is waited for since it was begun, not since it was replaced"
    case takesHostFirst = "the host goes before the record"
    case takesUnknownForAbsent = "what can't be read is taken for absent"
    case withdrawsUnnamed = "a manifest that is not there is a withdrawal"
    case renewsNothingWithdrawn = "the certificate of a withdrawn policy is not renewed"
    case adoptsAgain = "adopt is not spent when the zone was applied"
    case adoptsAlways = "what others made is taken over unasked"
    case takesLaggingForDone = "a secondary that lags is taken for done"
    case takesSilentForDone = "a server that is silent is taken for done"
    case ignoresLease = "a lease that another holds by now is ignored"
    case followsAtOnce = "an enforced policy lists a new mail host as soon as it is seen"
    case dropsAtOnce = "a mail host that left is dropped from an enforced policy at once"
    case takesWildcardForRecord = "what a wildcard answers is taken for a record of the name"
    case takesHalfForAll = "what a provider leaves out of its list is taken for absent"
    case waivesCover = "an enforce policy may leave out every mail host"

    /// Whether a run in peace must leave nothing to do although this mistake is made: its plans are the product's own.
    var plansAsMade: Bool { self == .takesWildcardForRecord }

    /// What it makes of the ledger before a plan.
    func misremember(_ ledger: ZoneLedger, _ wish: ZoneWish) -> ZoneLedger {
        var ledger = ledger
        let long = Instant(seconds: 1)
        switch self {
        case .skipsNone:
            if case .gone = wish.wish {
                for index in ledger.published.indices { ledger.published[index].replacedAt = long }
            }
        case .adoptsAgain: ledger.desired = nil
        case .countsAnew: ledger.published.removeAll { $0.replacedAt != nil }
        case .ignoresTTL:
            for index in ledger.published.indices { ledger.published[index].largestTTL = 0 }
        case .ignoresMaxAge:
            if let none = MaxAge(seconds: 0) {
                for index in ledger.published.indices { ledger.published[index].maxAge = none }
            }
        case .countsLatestOnly:
            if let last = ledger.published.last(where: { $0.mode != .none }) {
                for index in ledger.published.indices where ledger.published[index].id != last.id {
                    if ledger.published[index].mode != .none { ledger.published[index].replacedAt = long }
                }
            }
        case .countsFromIntent:
            for index in ledger.published.indices where ledger.published[index].replacedAt != nil {
                ledger.published[index].replacedAt = ledger.published[index].intentAt
            }
        case .followsAtOnce:
            for index in ledger.mxSeen.indices { ledger.mxSeen[index].first = long }
        case .dropsAtOnce: ledger.mxSeen.removeAll { $0.left != nil }
        default: break
        }
        return ledger
    }

    /// What it makes of a look at every server.
    func mislook(_ look: ReplacementLook) -> ReplacementLook {
        var look = look
        if self == .takesLaggingForDone { look.lagging = [] }
        if self == .takesSilentForDone { look.silent = [] }
        return look
    }

    /// Whether it lets the ledger know.
    func keeps(_ event: LedgerEvent) -> Bool {
        if self == .losesOutcomes, case .outcome(_, .mtaSTSRecord, _) = event { return false }
        return true
    }

    /// What it makes of a plan.
    func misjudge(_ planned: PlannedZone, _ wish: ZoneWish) -> PlannedZone {
        var planned = planned
        switch self {
        case .announcesFirst:
            planned.plan.steps.sort { ($0.resource == .mtaSTSRecord ? 0 : 1) < ($1.resource == .mtaSTSRecord ? 0 : 1) }
            for index in planned.plan.steps.indices { planned.plan.steps[index].requires = nil }
        case .takesHostFirst:
            if planned.plan.steps.contains(where: { $0.resource == .mtaSTSRecord && $0.verb == .delete }) {
                planned.plan.steps.insert(
                    Step(
                        .delete, .policy, causes: [.due], reason: "",
                        effect: .removal(host: WellKnown.hostName(wish.zone))),
                    at: 0)
            }
        case .renewsNothingWithdrawn:
            if case .gone = wish.wish { planned.plan.steps.removeAll { $0.verb == .renew } }
            if planned.plan.steps.isEmpty, planned.plan.verdict == .changes { planned.plan.verdict = .inSync }
        default: break
        }
        return planned
    }
}
