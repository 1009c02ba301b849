import DNS
import Findings
import Planning
import Testing

/// Waits, renewals and CAA: what is decided about certificates without asking anybody.
@Suite struct IssuanceTests {
    private static let now = Instant(seconds: 1_800_000_000)
    private static let day = 86_400

    private static func facts(days: Int, left: Int) -> CertificateFacts {
        CertificateFacts(
            names: ["mta-sts.example.com"], notBefore: now + (left - days) * day, notAfter: now + left * day,
            issuer: "ca", fingerprint: "f")
    }

    @Test func `what the CA asks for counts as it is`() {
        let hold = IssuanceWaiting.hold(
            retryAfter: 200_000, reason: "r", previous: nil, certificate: nil, now: Self.now)
        #expect(hold.until == Self.now + 200_000)
        #expect(hold.failures == 0)
    }

    @Test func `a wait of our own doubles, and is never longer than a tenth of what is left, or an hour`() {
        var hold: IssuanceHold?
        var waits: [Int] = []
        for _ in 0..<5 {
            let next = IssuanceWaiting.hold(
                retryAfter: nil, reason: "r", previous: hold, certificate: nil, now: Self.now)
            waits.append(next.until - Self.now)
            hold = next
        }
        #expect(waits == [600, 1_200, 2_400, 3_600, 3_600])
        for left in [1, 3, 30] {
            let certificate = Self.facts(days: 90, left: left)
            for failures in 0..<40 {
                let hold = IssuanceWaiting.hold(
                    retryAfter: nil, reason: "r",
                    previous: IssuanceHold(until: Self.now, reason: "r", failures: failures), certificate: certificate,
                    now: Self.now)
                #expect(hold.until - Self.now <= left * Self.day / 10)
            }
        }
    }

    @Test func `a renewal is drawn in the CA's window, else somewhat before two thirds or half of the lifetime`() {
        let long = Self.facts(days: 90, left: 90)
        let short = Self.facts(days: 6, left: 6)
        for fraction in [0, 0.3, 0.999] {
            let advised = RenewalDrawing.moment(
                of: long, known: nil,
                answer: .advice(
                    RenewalAdvice(start: Self.now + 100, end: Self.now + 200, explanation: "e", again: 5)),
                fraction: fraction, now: Self.now)
            #expect((Self.now + 100...Self.now + 200).contains(advised.at))
            #expect(advised.askAgain == Self.now + 60, "not more often than once a minute")
            for (facts, due) in [(long, 60 * Self.day), (short, 3 * Self.day)] {
                let moment = RenewalDrawing.moment(
                    of: facts, known: nil, answer: .none, fraction: fraction, now: Self.now)
                let share = Double(moment.at - facts.notBefore) / Double(due)
                #expect((0.94...1.0).contains(share), "\(share)")
            }
        }
    }

    private static let issuer = IssuerIdentity(
        names: ["ca.example", "ca.example.net"], account: "https://ca.example/acct/1", methods: ["dns-01"])

    @Test(
        arguments: [
            ([], true),
            ([("issue", "ca.example")], true),
            ([("issue", "CA.Example")], true),
            ([("ISSUE", "ca.example.net; policy=ev")], true),
            ([("issue", ";")], false),
            ([("issue", "other.example")], false),
            ([("issue", "other.example"), ("issue", "ca.example")], true),
            ([("issuewild", ";")], true),
            ([("iodef", "mailto:a@b.example")], true),
            ([("issue", "ca.example; accounturi=https://ca.example/acct/1")], true),
            ([("issue", "ca.example; accounturi=https://ca.example/acct/2")], false),
            ([("issue", "ca.example; validationmethods=http-01")], false),
            ([("issue", "ca.example; validationmethods=http-01,dns-01")], true),
            ([("issue", "ca.example; broken")], false),
            ([("issue", "ca.example; accounturi=https://ca.example/acct/2"), ("issue", "ca.example")], true),
        ] as [([(String, String)], Bool)])
    func `a CAA set allows or forbids as RFC 8659 and RFC 8657 say`(set: [(String, String)], isAllowed: Bool) throws {
        let records = try set.map { try #require(CAA(flags: 0, tag: $0.0, value: Array($0.1.utf8))) }
        #expect((CAAJudgement.forbids(records, Self.issuer) == nil) == isAllowed)
    }

    @Test(
        arguments: [
            (["other.example"], "ca.example"),
            (["ca.example; accounturi=https://ca.example/acct/2"], "ca.example; accounturi=https://ca.example/acct/1"),
            (["other.example; accounturi=https://ca.example/acct/2"], "ca.example"),
            (["ca.example; validationmethods=http-01"], "ca.example; validationmethods=dns-01"),
            (
                ["ca.example.net; accounturi=x; validationmethods=http-01"],
                "ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01"
            ),
        ] as [([String], String)])
    func `the record to add is as strict as those that name the CA already`(set: [String], wanted: String) throws {
        let records = try set.map { try #require(CAA(flags: 0, tag: "issue", value: Array($0.utf8))) }
        let owner = try DomainName("example.com")
        let look: Observation<CAALook> = .value(CAALook(owner: owner, records: records))
        let finding = try #require(look.finding(for: try DomainName("mta-sts.example.com"), issuer: Self.issuer))
        #expect(finding.action.hasPrefix("add 'example.com. CAA 0 issue \"\(wanted)\"', or "))
        // What it asks for is what then allows.
        let added = records + [try #require(CAA(flags: 0, tag: "issue", value: Array(wanted.utf8)))]
        #expect(CAAJudgement.forbids(added, Self.issuer) == nil)
    }

    @Test func `a critical property that nobody knows forbids`() throws {
        let strange = try #require(CAA(flags: 128, tag: "strange", value: []))
        #expect(CAAJudgement.forbids([strange], Self.issuer)?.contains("critical") == true)
        let known = try #require(CAA(flags: 128, tag: "iodef", value: []))
        #expect(CAAJudgement.forbids([known], Self.issuer) == nil)
    }

    @Test func `a proof is visible when all that answer show it, or as many as are asked for`() {
        func look(_ showing: Int, _ lacking: Int, _ silent: Int) -> PropagationLook {
            PropagationLook(
                showing: Array(repeating: "s", count: showing), lacking: Array(repeating: "l", count: lacking),
                silent: Array(repeating: "x", count: silent))
        }
        #expect(look(2, 0, 1).isEnough(quorum: nil))
        #expect(!look(2, 1, 0).isEnough(quorum: nil))
        #expect(!look(0, 0, 3).isEnough(quorum: nil), "silence is no answer")
        #expect(look(2, 1, 0).isEnough(quorum: 2))
        #expect(!look(1, 0, 0).isEnough(quorum: 2))
    }
}
