package import DNS

/// When a fleet's certificates will be ordered under a budget, for the plan's summary.
package struct BudgetForecast: Hashable, Sendable, Codable {
    /// The issuer.
    package var issuer: String
    /// Certificates that are wanted.
    package var wanted: Int
    /// How many of them may be ordered at once.
    package var now: Int
    /// How many of them may be ordered before the day ends (UTC).
    package var today: Int
    /// When the last one may be; `nil`: nothing waits.
    package var last: Instant?

    /// A forecast.
    package init(issuer: String, wanted: Int, now: Int, today: Int, last: Instant?) {
        self.issuer = issuer
        self.wanted = wanted
        self.now = now
        self.today = today
        self.last = last
    }
}

/// Which claims go when: the windows slid along until every claim is released. Pure and deterministic.
package struct BudgetSchedule: Hashable, Sendable {
    /// What each zone that has to wait waits for.
    package private(set) var waits: [DomainName: BudgetRefusal]
    /// The sum.
    package let forecast: BudgetForecast

    /// Renewals go first, and what ends first goes first of them; what waits for a limit of its own lets others pass.
    package init(_ claims: [BudgetClaim], _ book: IssuerBook, _ rules: BudgetRules, at now: Instant) {
        let claims = claims.sorted(by: BudgetClaim.isMoreUrgent)
        var run = Run(book, rules.limits, now)
        var waits: [DomainName: BudgetRefusal] = [:]
        var pending = claims.map { Pending($0, book, rules.limits, now) }
        var at = now
        var common = ""
        while !pending.isEmpty {
            var next: Instant?
            var kept: [Pending] = []
            var looked = 0
            for claim in pending {
                looked += 1
                if let wait = run.refusal(of: claim, at: at) {
                    next = min(next ?? wait.until, wait.until)
                    var claim = claim
                    claim.reason = wait.reason
                    kept.append(claim)
                    guard wait.isForAll else { continue }
                    // Nothing goes before the account's orders have room again: the rest waits for the same, unlooked at.
                    next = wait.until
                    common = wait.reason
                    break
                }
                run.release(claim, at: at)
                if at > now { waits[claim.claim.zone] = BudgetRefusal(until: at, reason: claim.reason ?? common) }
            }
            pending.replaceSubrange(0..<looked, with: kept)
            guard let next, next > at else { break }
            at = next
        }
        self.waits = waits
        let today = waits.values.count { $0.until.day != now.day }
        forecast = BudgetForecast(
            issuer: rules.issuer, wanted: claims.count, now: claims.count - waits.count, today: claims.count - today,
            last: waits.values.map(\.until).max())
    }

    private struct Pending {
        let claim: BudgetClaim
        /// The limits of its own, which no other claim changes.
        let own: BudgetRefusal?
        let isFree: Bool
        /// What it was last seen to wait for.
        var reason: String?

        init(_ claim: BudgetClaim, _ book: IssuerBook, _ limits: BudgetLimits, _ now: Instant) {
            self.claim = claim
            own = book.own(claim, within: limits, at: now).max { $0.until < $1.until }
            isFree = limits.exemptsRenewals && claim.isRenewal
            reason = own.flatMap { $0.until > now ? $0.reason : nil }
        }
    }

    /// The windows that claims share, as time goes on.
    private struct Run {
        private let limits: BudgetLimits
        private var orders: Window
        private var domains: [String: Window] = [:]
        private let book: IssuerBook
        private let start: Instant

        init(_ book: IssuerBook, _ limits: BudgetLimits, _ now: Instant) {
            self.book = book
            self.limits = limits
            start = now
            orders = Window(book.times { $0.kind == .order }(now))
        }

        mutating func refusal(
            of pending: Pending, at now: Instant
        ) -> (until: Instant, reason: String, isForAll: Bool)? {
            if let own = pending.own, own.until > now { return (own.until, own.reason, false) }
            if pending.isFree { return nil }
            if let limit = limits.orders, let until = orders.wait(limit, at: now) {
                return (until, limit.words("orders"), true)
            }
            let domain = pending.claim.registered
            if let limit = limits.registeredDomain {
                var window =
                    domains[domain]
                    ?? Window(book.times { $0.kind == .certificate && $0.registered == domain }(start))
                defer { domains[domain] = window }
                if let until = window.wait(limit, at: now) {
                    return (until, limit.words("certificates under \(domain)"), false)
                }
            }
            return nil
        }

        mutating func release(_ pending: Pending, at now: Instant) {
            if pending.isFree { return }
            orders.add(now)
            domains[pending.claim.registered]?.add(now)
        }
    }

    /// Moments in order, of which the first `gone` are past.
    private struct Window {
        private var times: [Instant]
        private var gone = 0

        init(_ times: [Instant]) { self.times = times }

        /// When there is room; `nil`: now.
        mutating func wait(_ limit: BudgetLimits.Limit, at now: Instant) -> Instant? {
            while gone < times.count, now - times[gone] >= limit.seconds { gone += 1 }
            let index = times.count - limit.count
            return index < gone ? nil : times[index] + limit.seconds
        }

        mutating func add(_ time: Instant) { times.append(time) }
    }
}

extension Instant {
    /// The day in UTC, counted from 1970.
    fileprivate var day: Int64 { (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400 }
}
