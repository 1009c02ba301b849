import DNS
import Findings
import Planning
import Testing

/// Certificates that stay although their renewal is due.
@Suite struct OverdueTests {
    private static let due = Instant(seconds: 1_800_000_000)
    /// Thirty days from due to expiry.
    private static let expiring = due + 30 * 86_400

    private static func finding(after days: Int, seconds: Int = 0, hold: IssuanceHold? = nil) throws -> Finding? {
        Overdue.finding(
            try DomainName("mta-sts.example.com"), expiring: expiring, due: due, hold: hold,
            now: due + days * 86_400 + seconds)
    }

    @Test(
        arguments: [
            (-1, 0, nil), (0, 0, nil), (15, -1, nil), (15, 0, .warning), (25, -1, .warning), (25, 0, .error),
            (30, 0, .error),
            (400, 0, .error),
        ] as [(Int, Int, Finding.Severity?)])
    func `half of the time left is a warning, five sixths are an error`(
        days: Int, seconds: Int, severity: Finding.Severity?
    ) throws {
        #expect(try Self.finding(after: days, seconds: seconds)?.severity == severity)
    }

    @Test func `it says the CA's last words and what to do`() throws {
        let now = Self.due + 20 * 86_400
        let hold = IssuanceHold(until: now + 600, reason: "the CA says no", failures: 2)
        let waiting = try #require(try Self.finding(after: 20, hold: hold))
        #expect(waiting.code == .certificateOverdue)
        #expect(waiting.message.contains("should have been renewed by \(Self.due)"))
        #expect(waiting.message.contains("it expires at \(Self.expiring)"))
        #expect(waiting.message.contains("the CA says no"))
        #expect(waiting.action.contains("certadns retry") && waiting.action.contains("\(hold.until)"))
        let over = IssuanceHold(until: now, reason: "the CA says no", failures: 2)
        #expect(try Self.finding(after: 20, hold: over)?.action.contains("certadns apply") == true)
        #expect(try Self.finding(after: 20)?.action.contains("certadns serve") == true)
        #expect(try Self.finding(after: 30)?.message.contains("it expired at") == true)
    }

    @Test func `beside a web server of others it is a run that renews, not a server of ours`() throws {
        let name = try DomainName("mta-sts.example.com")
        let finding = Overdue.finding(
            name, expiring: Self.due, due: Self.due, hold: nil, isFolder: true, now: Self.due)
        #expect(finding?.action == "run 'certadns apply', and have a timer do so daily")
    }

    @Test func `an expired certificate without any room is an error at once`() throws {
        let name = try DomainName("mta-sts.example.com")
        let finding = Overdue.finding(name, expiring: Self.due, due: Self.due, hold: nil, now: Self.due)
        #expect(finding?.severity == .error)
    }
}
