import DNS
import Planning
import Properties
import Testing

/// An account's budget: what it lets through, and when the rest goes.
@Suite struct BudgetTests {
    static let now = Instant(seconds: 1_800_000_000)

    static func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

    static func claim(_ zone: String, expires: Int? = nil) -> BudgetClaim {
        let host = name("mta-sts.\(zone)")
        return BudgetClaim(
            zone: name(zone), host: host, registered: PublicSuffixes.none.registered(host),
            expires: expires.map { now + $0 })
    }

    /// Whether any span of the limit's length holds more than its count.
    static func isOverrun(_ times: [Instant], _ limit: BudgetLimits.Limit) -> Bool {
        let sorted = times.sorted()
        return sorted.indices.contains { index in
            let last = index + limit.count
            return last < sorted.count && sorted[last] - sorted[index] < limit.seconds
        }
    }

    private static func limits(_ random: inout Seeded) -> BudgetLimits {
        func limit() -> BudgetLimits.Limit? {
            Bool.random(using: &random)
                ? BudgetLimits.Limit(
                    Int.random(in: 1...6, using: &random), per: Int.random(in: 1...500, using: &random))
                : nil
        }
        return BudgetLimits(
            orders: limit(), registeredDomain: limit(), duplicates: limit(), failedAuthorisations: limit(),
            exemptsRenewals: Bool.random(using: &random))
    }

    private static func randomClaim(_ random: inout Seeded) -> BudgetClaim {
        let zone = "z\(Int.random(in: 0..<6, using: &random)).d\(Int.random(in: 0..<3, using: &random)).test"
        return claim(zone, expires: Bool.random(using: &random) ? Int.random(in: 1...999, using: &random) : nil)
    }

    @Test(arguments: 0..<200)
    func `whatever is asked in whatever order, no window ever holds more than its limit`(seed: UInt64) throws {
        var random = Seeded(seed)
        let limits = Self.limits(&random)
        var book = IssuerBook()
        var now = Self.now
        var (orders, issued, failures) = (
            [BudgetClaim: [Instant]](), [BudgetClaim: [Instant]](), [DomainName: [Instant]]()
        )
        var counted: [Instant] = []
        for _ in 0..<300 {
            now = now + Int.random(in: 0...40, using: &random)
            let claim = Self.randomClaim(&random)
            let isFree = limits.exemptsRenewals && claim.isRenewal
            // One order at a time a zone, as the lease has it.
            let refusal = book.take(claim, within: limits, at: now)
            if let refusal {
                #expect(refusal.until > now)
                continue
            }
            if !isFree { counted.append(now) }
            orders[claim, default: []].append(now)
            book.note(
                .issuance(.ordered(OpenOrder(url: "u", issuer: "ca", names: [], since: now))), of: claim.zone, at: now)
            now = now + Int.random(in: 0...100, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                book.note(.issuance(.unproven(claim.host, issuer: "ca")), of: claim.zone, at: now)
                book.note(.issuance(.abandoned), of: claim.zone, at: now)
                if !isFree { failures[claim.host, default: []].append(now) }
            case 1: book.note(.issuance(.abandoned), of: claim.zone, at: now)
            default:
                let facts = CertificateFacts(
                    names: [], notBefore: now, notAfter: now + 1, issuer: "ca", fingerprint: "f")
                book.note(
                    .outcome(step: "", resource: .certificate, left: Publication(certificate: facts)), of: claim.zone,
                    at: now)
                if !isFree { issued[claim, default: []].append(now) }
            }
            book.prune(at: now, longest: limits.longest)
        }
        if let limit = limits.orders { #expect(!Self.isOverrun(counted, limit), "orders, seed \(seed)") }
        for (domain, times) in Dictionary(grouping: issued, by: { $0.key.registered }) {
            guard let limit = limits.registeredDomain else { break }
            #expect(!Self.isOverrun(times.flatMap(\.value), limit), "\(domain), seed \(seed)")
        }
        for (host, times) in Dictionary(grouping: issued, by: { $0.key.host }) {
            guard let limit = limits.duplicates else { break }
            #expect(!Self.isOverrun(times.flatMap(\.value), limit), "\(host), seed \(seed)")
        }
        if let limit = limits.failedAuthorisations, !limits.exemptsRenewals {
            for times in failures.values { #expect(!Self.isOverrun(times, limit), "seed \(seed)") }
        }
    }

    @Test(arguments: 0..<200)
    func `a schedule releases all, overruns nothing, puts renewals first, and is the same for every order of the zones`(
        seed: UInt64
    ) throws {
        var random = Seeded(seed)
        var limits = Self.limits(&random)
        if limits.isNone { limits.orders = BudgetLimits.Limit(2, per: 100) }
        var book = IssuerBook()
        for _ in 0..<20 {
            let claim = Self.randomClaim(&random)
            _ = book.take(claim, within: limits, at: Self.now + -Int.random(in: 0...400, using: &random))
        }
        var claims: [BudgetClaim] = []
        for number in 0..<60 {
            let zone = "n\(number).d\(Int.random(in: 0..<4, using: &random)).test"
            claims.append(
                Self.claim(zone, expires: Bool.random(using: &random) ? Int.random(in: 1...9, using: &random) : nil))
        }
        let rules = BudgetRules(issuer: "ca", limits: limits)
        let schedule = BudgetSchedule(claims, book, rules, at: Self.now)
        #expect(BudgetSchedule(claims.shuffled(using: &random), book, rules, at: Self.now) == schedule)
        func release(_ claim: BudgetClaim) -> Instant { schedule.waits[claim.zone]?.until ?? Self.now }
        let counted = claims.filter { !(limits.exemptsRenewals && $0.isRenewal) }
        // What was under way when the plan was made counts as made now.
        let before = book.entries.filter { $0.kind == .order }.map { max($0.at, Self.now) }
        if let limit = limits.orders {
            let before = before.count > limit.count ? [] : before
            #expect(!Self.isOverrun(before + counted.map(release), limit), "seed \(seed)")
        }
        if let limit = limits.registeredDomain {
            for (domain, members) in Dictionary(grouping: counted, by: \.registered) {
                #expect(!Self.isOverrun(members.map(release), limit), "\(domain), seed \(seed)")
            }
        }
        // Within one domain, where both stand in the same queues, the more urgent one is never later.
        for members in Dictionary(grouping: counted, by: \.registered).values {
            let sorted = members.sorted(by: BudgetClaim.isMoreUrgent)
            for (earlier, later) in zip(sorted, sorted.dropFirst()) { #expect(release(earlier) <= release(later)) }
        }
        #expect(schedule.forecast.wanted == claims.count)
        #expect(schedule.forecast.now == claims.count { schedule.waits[$0.zone] == nil })
        #expect(schedule.forecast.last == claims.map(release).filter { $0 > Self.now }.max())
    }

    @Test func `the window ends to the second, and the refusal says when`() {
        let limits = BudgetLimits(orders: BudgetLimits.Limit(2, per: 100))
        var book = IssuerBook()
        #expect(book.take(Self.claim("a.test"), within: limits, at: Self.now) == nil)
        #expect(book.take(Self.claim("b.test"), within: limits, at: Self.now + 10) == nil)
        for zone in ["a.test", "b.test"] {
            book.note(
                .issuance(.ordered(OpenOrder(url: "", issuer: "", names: [], since: Self.now))), of: Self.name(zone),
                at: Self.now)
        }
        let refusal = book.take(Self.claim("c.test"), within: limits, at: Self.now + 99)
        #expect(refusal?.until == Self.now + 100 && refusal?.reason == "the budget of 2 orders in 100 s is used up")
        #expect(book.take(Self.claim("c.test"), within: limits, at: Self.now + 100) == nil)
    }

    @Test func `taken again before the CA's answer was seen, it is the same order; given back, it is none`() {
        let limits = BudgetLimits(orders: BudgetLimits.Limit(1, per: 100))
        var book = IssuerBook()
        for _ in 0..<3 { #expect(book.take(Self.claim("a.test"), within: limits, at: Self.now) == nil) }
        #expect(book.take(Self.claim("b.test"), within: limits, at: Self.now) != nil)
        book.release(Self.name("a.test"))
        #expect(book.take(Self.claim("b.test"), within: limits, at: Self.now) == nil)
    }

    @Test func `a renewal that found no room has the next one, however many new zones ask before it`() {
        let limits = BudgetLimits(orders: BudgetLimits.Limit(2, per: 100))
        var book = IssuerBook()
        var served: [String: Int] = [:]
        var now = Self.now
        func issue(_ claim: BudgetClaim) {
            guard book.take(claim, within: limits, at: now) == nil else { return }
            let facts = CertificateFacts(names: [], notBefore: now, notAfter: now, issuer: "ca", fingerprint: "f")
            let left = Publication(certificate: facts)
            book.note(.outcome(step: "", resource: .certificate, left: left), of: claim.zone, at: now)
            served[claim.zone.description] = now - Self.now
        }
        for number in 0..<400 {
            for zone in 0..<5 { issue(Self.claim("new\(number)-\(zone).test")) }
            // Not the first to ask, in any second.
            if number >= 10, served["old.test"] == nil { issue(Self.claim("old.test", expires: 5_000)) }
            now = now + 1
        }
        #expect(served["old.test"].map { $0 <= 101 } == true, "\(served["old.test"] ?? -1)")
        #expect(served.count >= 7, "new zones go on after it")
    }

    @Test func `the CA's word to the account holds all, renewals too, until a person ends it`() {
        var book = IssuerBook(hold: BudgetRefusal(until: Self.now + 50, reason: "rateLimited"))
        let limits = BudgetLimits(exemptsRenewals: true)
        #expect(book.refusal(of: Self.claim("a.test"), within: limits, at: Self.now)?.reason == "rateLimited")
        #expect(
            book.refusal(of: Self.claim("a.test", expires: 9), within: limits, at: Self.now)?.until == Self.now + 50)
        #expect(book.refusal(of: Self.claim("a.test"), within: limits, at: Self.now + 50) == nil)
        book.note(.issuance(.waitEnded(issuer: nil)), of: Self.name("b.test"), at: Self.now)
        #expect(book.refusal(of: Self.claim("a.test"), within: limits, at: Self.now) != nil, "that was one zone's wait")
        book.note(.issuance(.waitEnded(issuer: "ca")), of: Self.name("b.test"), at: Self.now)
        #expect(book.refusal(of: Self.claim("a.test"), within: limits, at: Self.now) == nil)
    }

    @Test func `three thousand new zones under the limits of Let's Encrypt take a day and some, renewals at once`() {
        let new = (0..<3_000).map { Self.claim("zone\($0).test") }
        let due = (0..<200).map { Self.claim("due\($0).test", expires: 86_400 * (1 + $0)) }
        let rules = BudgetRules(issuer: "ca", limits: .letsEncrypt)
        let schedule = BudgetSchedule(new + due, IssuerBook(), rules, at: Self.now)
        #expect(due.allSatisfy { schedule.waits[$0.zone] == nil })
        // 08:00 UTC: now and at 11, 14, 17, 20 and 23.
        #expect(
            schedule.forecast
                == BudgetForecast(
                    issuer: "ca", wanted: 3_200, now: 500, today: 2_000, last: Self.now + 9 * 3 * 3_600))
        var counting = BudgetLimits.letsEncrypt
        counting.exemptsRenewals = false
        let counted = BudgetSchedule(new + due, IssuerBook(), BudgetRules(issuer: "ca", limits: counting), at: Self.now)
        #expect(due.allSatisfy { counted.waits[$0.zone] == nil } && counted.forecast.now == 300)
    }

    @Test func `ten thousand zones of one domain are scheduled in a moment`() {
        let claims = (0..<10_000).map { Self.claim("s\($0).example.test") }
        let start = ContinuousClock.now
        let schedule = BudgetSchedule(
            claims, IssuerBook(), BudgetRules(issuer: "ca", limits: .letsEncrypt), at: Self.now)
        #expect(schedule.forecast.last == Self.now + 199 * 7 * 86_400)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `a plan whose certificate waits keeps what needs none`() throws {
        let zone = Self.name("a.test")
        let host = Self.name("mta-sts.a.test")
        func step(_ resource: Resource, _ effect: Step.Effect) -> Step {
            Step(.create, resource, causes: [.commit], reason: "r", effect: effect)
        }
        let records = Step.Effect.records(RecordChange(owner: host, expecting: [], absent: [], writing: []))
        let steps = [
            step(.tlsRPTRecord, records), step(.certificate, .certificate(names: [host], issuer: "ca")),
            step(.mtaSTSRecord, records),
        ]
        let plan = ZonePlan(zone: zone, digest: "d", verdict: .changes, steps: steps)
        let wait = BudgetRefusal(until: Self.now, reason: "no room")
        let new = plan.holdingCertificate(wait, isNone: true)
        #expect(new.steps.map(\.resource) == [.tlsRPTRecord])
        #expect(new.holds.map(\.resource) == [.certificate, .mtaSTSRecord])
        #expect(plan.holdingCertificate(wait, isNone: false).steps.map(\.resource) == [.tlsRPTRecord, .mtaSTSRecord])
        let alone = ZonePlan(zone: zone, digest: "d", verdict: .changes, steps: [steps[1]])
        #expect(alone.holdingCertificate(wait, isNone: true).verdict == .inSync)
    }

    @Test(arguments: [
        ("mta-sts.example.com", "example.com", "example.com"), ("mta-sts.a.b.example.co.uk", "co.uk", "example.co.uk"),
        ("mta-sts.example.ck", "example.ck", "mta-sts.example.ck"), ("mta-sts.www.ck", "www.ck", "www.ck"),
        ("mta-sts.Example.COM", "example.com", "example.com"), ("co.uk", "co.uk", "co.uk"), ("test", "test", "test"),
        ("mta-sts.x.blogspot.com", "blogspot.com", "x.blogspot.com"),
    ])
    func `a registered domain is one label below its public suffix, or the last two labels`(
        host: String, plain: String, listed: String
    ) {
        let list = PublicSuffixes(
            parsing: "// comment\ncom\n\nuk\nco.uk\n*.ck\n!www.ck\nblogspot.com // why\n\u{516c}\u{53f8}.cn\n")
        #expect(list.count == 6)
        #expect(PublicSuffixes.none.registered(Self.name(host)) == plain)
        #expect(list.registered(Self.name(host)) == listed)
    }
}
