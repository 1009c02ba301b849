package import DNS

/// A certificate that is wanted, as a budget sees it.
package struct BudgetClaim: Hashable, Sendable, Codable {
    /// The mail domain.
    package var zone: DomainName
    /// The name to be certified.
    package var host: DomainName
    /// The registered domain that it counts for.
    package var registered: String
    /// When the certificate that it replaces ends; `nil`: there is none.
    package var expires: Instant?

    /// A claim.
    package init(zone: DomainName, host: DomainName, registered: String, expires: Instant?) {
        self.zone = zone
        self.host = host
        self.registered = registered
        self.expires = expires
    }

    /// Whether it replaces a certificate.
    package var isRenewal: Bool { expires != nil }

    /// The claim of a zone's step to issue; `nil` for other steps and other issuers. Only a certificate by the same issuer is renewed.
    package static func of(_ step: Step, zone: DomainName, held: CertificateFacts?, _ rules: BudgetRules)
        -> BudgetClaim?
    {
        guard case .certificate(let names, rules.issuer) = step.effect, let host = names.first else { return nil }
        return of(host, zone: zone, held: held, rules)
    }

    /// The claim of a zone whose ledger alone says that a certificate is due: what there is has to be renewed, or there is none yet.
    package static func due(by ledger: ZoneLedger, _ rules: BudgetRules, at now: Instant) -> BudgetClaim? {
        let owner = CertificateOwner(key: ledger.zone)
        let held = ledger.applied.certificate
        let isDue =
            if let held { held.issuer != rules.issuer || ledger.attention.map { $0.at <= now } ?? false } else {
                owner.isOwnName || !ledger.applied.host.isEmpty
            }
        return isDue ? of(owner.host, zone: ledger.zone, held: held, rules) : nil
    }

    private static func of(_ host: DomainName, zone: DomainName, held: CertificateFacts?, _ rules: BudgetRules) -> Self
    {
        BudgetClaim(
            zone: zone, host: host, registered: rules.suffixes.registered(host),
            expires: held.flatMap { $0.issuer == rules.issuer ? $0.notAfter : nil })
    }

    /// Renewals before new certificates, what ends first before what ends later, else by name.
    package static func isMoreUrgent(_ a: BudgetClaim, than b: BudgetClaim) -> Bool {
        switch (a.expires, b.expires) {
        case (let left?, let right?) where left != right: left < right
        case (.some, nil): true
        case (nil, .some): false
        default: a.zone < b.zone
        }
    }
}

/// Why a certificate may not be ordered yet, and from when on it may.
package struct BudgetRefusal: Hashable, Sendable, Codable {
    /// When there is room again, by what is known now.
    package var until: Instant
    /// What is used up, for people.
    package var reason: String

    /// A refusal.
    package init(until: Instant, reason: String) {
        self.until = until
        self.reason = reason
    }
}

/// One thing that counts against a budget.
package struct BudgetEntry: Hashable, Sendable, Codable {
    /// What counts.
    package enum Kind: String, Hashable, Sendable, CaseIterable, Codable {
        /// An order of the account.
        case order
        /// A certificate, from its order on.
        case certificate
        /// An authorisation that failed.
        case failure
        /// A renewal that found no room: new certificates leave it the next one.
        case waiting
    }
    package var kind: Kind
    package var at: Instant
    package var zone: DomainName
    package var host: DomainName
    package var registered: String
    /// The order's or certificate's end is known: an order was placed, a certificate issued. Others count as if they were made now.
    package var isSettled: Bool

    /// An entry.
    package init(
        _ kind: Kind, at: Instant, zone: DomainName, host: DomainName, registered: String, isSettled: Bool = true
    ) {
        self.kind = kind
        self.at = at
        self.zone = zone
        self.host = host
        self.registered = registered
        self.isSettled = isSettled
    }
}

/// What an account has used of its CA lately. Pure: stores keep it, plans and orders ask it.
package struct IssuerBook: Hashable, Sendable, Codable {
    /// What counts, in any order.
    package var entries: [BudgetEntry]
    /// The CA's own word to the whole account: nothing is asked of it before then.
    package var hold: BudgetRefusal?

    /// A book.
    package init(entries: [BudgetEntry] = [], hold: BudgetRefusal? = nil) {
        self.entries = entries
        self.hold = hold
    }

    /// After so many seconds an order whose end nobody told is over at every CA.
    package static let longestOrder = 7 * 86_400

    /// What keeps `claim` from being ordered at `now`; `nil`: nothing. With the longest wait of all that apply.
    package func refusal(of claim: BudgetClaim, within limits: BudgetLimits, at now: Instant) -> BudgetRefusal? {
        var waits = own(claim, within: limits, at: now)
        if !(limits.exemptsRenewals && claim.isRenewal) {
            if let limit = limits.orders {
                let at = Self.room(
                    for: limit, times { $0.kind == .order }(now), ahead: ahead(of: claim) { _ in true }, now)
                waits.append(BudgetRefusal(until: at, reason: limit.words("orders")))
            }
            if let limit = limits.registeredDomain {
                let at = Self.room(
                    for: limit, times { $0.kind == .certificate && $0.registered == claim.registered }(now),
                    ahead: ahead(of: claim) { $0.registered == claim.registered }, now)
                waits.append(BudgetRefusal(until: at, reason: limit.words("certificates under \(claim.registered)")))
            }
        }
        return waits.filter { $0.until > now }.max { $0.until < $1.until }
    }

    /// The limits that no other claim has a part in, and the CA's word.
    func own(_ claim: BudgetClaim, within limits: BudgetLimits, at now: Instant) -> [BudgetRefusal] {
        var waits = [hold].compactMap { $0 }
        if limits.exemptsRenewals, claim.isRenewal { return waits }
        if let limit = limits.duplicates {
            let at = Self.room(for: limit, times { $0.kind == .certificate && $0.host == claim.host }(now), now)
            waits.append(BudgetRefusal(until: at, reason: limit.words("certificates for \(claim.host)")))
        }
        if let limit = limits.failedAuthorisations {
            let at = Self.room(for: limit, times { $0.kind == .failure && $0.host == claim.host }(now), now)
            waits.append(BudgetRefusal(until: at, reason: limit.words("failed authorisations of \(claim.host)")))
        }
        return waits
    }

    /// When what `counts` happened, as it counts at `now`: what is still under way may end at any time, so it counts as new.
    func times(_ counts: (BudgetEntry) -> Bool) -> (Instant) -> [Instant] {
        let found = entries.filter(counts)
        return { now in
            found.map { entry in
                entry.isSettled || now - entry.at >= Self.longestOrder ? entry.at : max(entry.at, now)
            }.sorted()
        }
    }

    /// How many renewals wait that a new certificate must leave room for.
    private func ahead(of claim: BudgetClaim, where shares: (BudgetEntry) -> Bool) -> Int {
        claim.isRenewal ? 0 : entries.count { $0.kind == .waiting && $0.zone != claim.zone && shares($0) }
    }

    /// The first moment from `now` on at which one more than `ahead` more fit. `times` are sorted.
    static func room(for limit: BudgetLimits.Limit, _ times: [Instant], ahead: Int = 0, _ now: Instant) -> Instant {
        let live = times.filter { now - $0 < limit.seconds }
        let index = live.count + ahead - limit.count
        if index < 0 { return now }
        return index < live.count ? live[index] + limit.seconds : now + limit.seconds
    }
}

extension IssuerBook {
    /// Takes an order for `claim`, or says why not. What an earlier try of the zone left open is taken back first: it is the same order.
    package mutating func take(
        _ claim: BudgetClaim, within limits: BudgetLimits, at now: Instant
    ) -> BudgetRefusal? {
        release(claim.zone)
        entries.removeAll { $0.kind == .waiting && $0.zone == claim.zone }
        let refusal = refusal(of: claim, within: limits, at: now)
        entries += Self.entries(for: claim, refusal, within: limits, at: now)
        return refusal
    }

    /// Leaves a renewal the next place.
    package mutating func keepPlace(for claim: BudgetClaim, at now: Instant) {
        entries.removeAll { $0.kind == .waiting && $0.zone == claim.zone }
        entries.append(Self.place(for: claim, at: now))
    }

    /// A renewal that waits.
    package static func place(for claim: BudgetClaim, at now: Instant) -> BudgetEntry {
        BudgetEntry(
            .waiting, at: now, zone: claim.zone, host: claim.host, registered: claim.registered, isSettled: false)
    }

    /// What a claim leaves in the book: an order and a certificate to be, or a renewal that waits.
    package static func entries(
        for claim: BudgetClaim, _ refusal: BudgetRefusal?, within limits: BudgetLimits, at now: Instant
    ) -> [BudgetEntry] {
        func entry(_ kind: BudgetEntry.Kind) -> BudgetEntry {
            BudgetEntry(
                kind, at: now, zone: claim.zone, host: claim.host, registered: claim.registered, isSettled: false)
        }
        if refusal != nil { return claim.isRenewal ? [place(for: claim, at: now)] : [] }
        return limits.exemptsRenewals && claim.isRenewal ? [] : [entry(.order), entry(.certificate)]
    }

    /// Takes back what the zone has under way: the CA did not take the order.
    package mutating func release(_ zone: DomainName) {
        entries.removeAll { $0.zone == zone && !$0.isSettled && $0.kind != .waiting }
    }

    /// Forgets what no window reaches any more.
    package mutating func prune(at now: Instant, longest: Int) {
        let age = max(longest, Self.longestOrder)
        entries.removeAll { now - $0.at > age }
    }

    /// What an event of `zone`'s ledger means to the budget. One that names an issuer is told to that issuer's book alone.
    package mutating func note(_ event: LedgerEvent, of zone: DomainName, at now: Instant) {
        switch event {
        case .issuance(.ordered):
            settle(zone, .order, at: nil)
        case .issuance(.abandoned):
            entries.removeAll { $0.zone == zone && $0.kind == .certificate && !$0.isSettled }
        case .issuance(.unproven(let host, _)):
            entries.append(BudgetEntry(.failure, at: now, zone: zone, host: host, registered: ""))
        case .issuance(.waitEnded(.some)):
            hold = nil
        case .outcome(_, .certificate, let left) where left.certificate != nil:
            settle(zone, .order, at: nil)
            settle(zone, .certificate, at: now)
            entries.removeAll { $0.zone == zone && $0.kind == .waiting }
        default: break
        }
    }

    private mutating func settle(_ zone: DomainName, _ kind: BudgetEntry.Kind, at now: Instant?) {
        for index in entries.indices
        where entries[index].zone == zone && entries[index].kind == kind && !entries[index].isSettled {
            entries[index].isSettled = true
            if let now { entries[index].at = now }
        }
    }
}

extension BudgetLimits.Limit {
    func words(_ what: String) -> String {
        let span =
            seconds.isMultiple(of: 86_400)
            ? "\(seconds / 86_400) d" : seconds.isMultiple(of: 3_600) ? "\(seconds / 3_600) h" : "\(seconds) s"
        return "the budget of \(count) \(what) in \(span) is used up"
    }
}
