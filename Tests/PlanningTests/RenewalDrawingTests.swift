import DNS
import Planning
import Testing

/// When certificates are renewed, and when a CA is asked (RFC 9773).
@Suite struct RenewalDrawingTests {
    private static let now = Instant(seconds: 1_800_000_000)
    private static let facts = facts("f")

    private static func facts(_ fingerprint: String, days: Int = 90) -> CertificateFacts {
        CertificateFacts(
            names: ["mta-sts.example.com"], notBefore: now, notAfter: now + days * 86_400, issuer: "ca",
            fingerprint: fingerprint)
    }

    private static func window(_ from: Int, _ to: Int, again: Int = 21_600, why: String? = nil) -> RenewalAnswer {
        .advice(RenewalAdvice(start: now + from, end: now + to, explanation: why, again: again))
    }

    private static func moment(
        _ answer: RenewalAnswer, known: RenewalMoment? = nil, fraction: Double = 0.5, after: Int = 0
    ) -> RenewalMoment {
        RenewalDrawing.moment(of: facts, known: known, answer: answer, fraction: fraction, now: now + after)
    }

    @Test func `a CA is asked about a certificate that it was not asked about, and again when it said so`() {
        func asks(_ known: RenewalMoment?, after: Int) -> Bool {
            RenewalDrawing.isQuestion(about: Self.facts, known: known, now: Self.now + after)
        }
        let known = Self.moment(Self.window(1_000, 2_000))
        #expect(asks(nil, after: 0))
        #expect(!asks(known, after: 21_599))
        #expect(asks(known, after: 21_600))
        #expect(asks(RenewalMoment(fingerprint: "g", at: Self.now, askAgain: Self.now + 9_999), after: 0))
        #expect(!asks(nil, after: 90 * 86_400), "never about one that has expired")
    }

    @Test func `the moment is drawn once, and kept while the window stays`() {
        let first = Self.moment(Self.window(1_000, 2_000), fraction: 0.25)
        #expect(first.at == Self.now + 1_250)
        let same = Self.moment(Self.window(1_000, 2_000, again: 60, why: "w"), known: first, fraction: 0.75, after: 30)
        #expect(same.at == first.at)
        #expect(same.askAgain == Self.now + 90)
        #expect(same.explanation == "w")
        let moved = Self.moment(Self.window(-3_000, -2_000), known: same, fraction: 0.5)
        #expect(moved.at == Self.now + -2_500, "a window in the past means now")
        #expect(moved.explanation == nil)
    }

    @Test func `a window near or past the end leaves time to try again, and for the warning`() {
        for window in [Self.window(200 * 86_400, 201 * 86_400), Self.window(60 * 86_400, 90 * 86_400)] {
            for fraction in [0, 0.5, 1] {
                let drawn = Self.moment(window, fraction: fraction)
                #expect(drawn.at <= Self.now + 75 * 86_400)
                #expect(drawn.window != nil, "what the CA said is kept, so that it is not drawn again")
            }
        }
    }

    @Test func `without advice the usual moment is drawn once, and the CA's own takes its place`() {
        let usual = Self.moment(.none, fraction: 0.5)
        #expect(usual.at < Self.now + 60 * 86_400 && usual.at > Self.now + 56 * 86_400)
        #expect(usual.askAgain == Self.now + 86_400)
        #expect(Self.moment(.none, known: usual, fraction: 0.9, after: 100).at == usual.at)
        #expect(Self.moment(Self.window(100, 200), known: usual, fraction: 0).at == Self.now + 100)
    }

    @Test func `a failure keeps what was drawn, backs off while it may pass, and waits six hours when it does not`() {
        let known = Self.moment(Self.window(1_000, 2_000))
        var moment = known
        var waits: [Int] = []
        for _ in 0..<9 {
            moment = Self.moment(.failed(retryAfter: nil, passing: true), known: moment, fraction: 0.9)
            #expect(moment.at == known.at && moment.window == known.window)
            waits.append(moment.askAgain - Self.now)
        }
        #expect(waits == [300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 21_600, 21_600])
        #expect(Self.moment(.failed(retryAfter: nil, passing: false)).askAgain == Self.now + 21_600)
        #expect(Self.moment(.failed(retryAfter: 7, passing: true)).askAgain == Self.now + 60)
        #expect(Self.moment(.failed(retryAfter: 1 << 30, passing: true)).askAgain == Self.now + 86_400)
        #expect(Self.moment(Self.window(1_000, 2_000), known: moment).failures == nil)
        #expect(Self.moment(Self.window(2_000, 1_000)).askAgain == Self.now + 21_600, "no window is no answer")
    }

    @Test func `another certificate's moment does not count`() {
        let other = RenewalMoment(fingerprint: "g", at: Self.now, askAgain: Self.now)
        #expect(Self.moment(.failed(retryAfter: nil, passing: true), known: other).at > Self.now)
        #expect(Self.moment(.none, known: other).fingerprint == "f")
    }

    @Test func `a wait without a hold doubles to an hour, and is never more than a tenth of what is left`() {
        #expect(
            (1...9).map { IssuanceWaiting.pause(failures: $0, left: nil) } == [
                60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600,
            ])
        for left in [1, 100, 1_000, 86_400] {
            for failures in 1...70 {
                let pause = IssuanceWaiting.pause(failures: failures, left: left)
                #expect(pause <= max(1, left / 10) && pause >= 1)
            }
        }
    }
}

/// When a zone needs somebody: what the ledger says, without looking at the world.
@Suite struct AttentionTests {
    private static let now = Instant(seconds: 1_800_000_000)

    private static func ledger(
        renewal: RenewalMoment? = nil, hold: IssuanceHold? = nil, challenges: [ChallengeProof] = [],
        order: OpenOrder? = nil, host: Bool = true
    ) throws -> ZoneLedger {
        let zone = try DomainName("example.com")
        var ledger = ZoneLedger(zone: zone)
        if host {
            ledger.applied.host = Owned.hostRecords(of: zone, target: .cname(try DomainName("h.example")), ttl: 60)
        }
        ledger.applied.certificate = CertificateFacts(
            names: ["mta-sts.example.com"], notBefore: now, notAfter: now + 90 * 86_400, issuer: "ca", fingerprint: "f")
        ledger.issuance = Issuance(order: order, challenges: challenges, hold: hold, renewal: renewal)
        return ledger
    }

    private static func moment(at: Int, again: Int) -> RenewalMoment {
        RenewalMoment(fingerprint: "f", at: now + at, askAgain: now + again)
    }

    @Test func `it is due when it is to be renewed, or its CA asked, whichever comes first`() throws {
        #expect(try Self.ledger(renewal: Self.moment(at: 500, again: 900)).attention?.at == Self.now + 500)
        #expect(try Self.ledger(renewal: Self.moment(at: 900, again: 500)).attention?.at == Self.now + 500)
        #expect(try Self.ledger().attention?.at == Instant(seconds: 0), "the CA was never asked")
        #expect(try Self.ledger(host: false).attention == nil)
        #expect(ZoneLedger(zone: try DomainName("example.com")).attention == nil)
        let late = Self.moment(at: 900, again: 91 * 86_400)
        #expect(try Self.ledger(renewal: late).attention?.at == Self.now + 900, "nobody asks after the end")
    }

    @Test func `a hold puts the renewal off, not the question`() throws {
        let hold = IssuanceHold(until: Self.now + 700, reason: "r", failures: 1)
        #expect(try Self.ledger(renewal: Self.moment(at: 500, again: 900), hold: hold).attention?.at == Self.now + 700)
        #expect(try Self.ledger(renewal: Self.moment(at: 500, again: 600), hold: hold).attention?.at == Self.now + 600)
    }

    @Test func `what a web server is owed is due at once, whatever the CA holds back`() throws {
        let hold = IssuanceHold(until: Self.now + 700, reason: "r", failures: 1)
        var ledger = try Self.ledger(renewal: Self.moment(at: 500, again: 900), hold: hold)
        ledger.intents = [Intent(step: "s", resource: .delivery, at: Self.now)]
        #expect(ledger.attention?.at == Instant(seconds: 0))
    }

    @Test func `a proof left behind is due at once, that of an open order is not`() throws {
        let proof = ChallengeProof.dns(name: try DomainName("_acme-challenge.mta-sts.example.com"), value: "v")
        let moment = Self.moment(at: 500, again: 900)
        let order = OpenOrder(url: "u", issuer: "ca", names: [], since: Self.now)
        #expect(try Self.ledger(renewal: moment, challenges: [proof]).attention?.at == Instant(seconds: 0))
        #expect(try Self.ledger(renewal: moment, challenges: [proof], order: order).attention?.at == Self.now + 500)
    }
}
