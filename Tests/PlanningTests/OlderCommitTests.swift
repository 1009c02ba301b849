import DNS
import Findings
import Planning
import TLSRPT
import Testing

/// Whether a wish may count beside the commit last applied, and what the ledger learns of where it came from.
@Suite struct OlderCommitTests {
    private static let applied = String(repeating: "a", count: 40)
    private static let checkedOut = String(repeating: "b", count: 40)
    private static let now = Instant(seconds: 1_800_000_000)
    private static let untold = SourceStanding.untold("this clone is shallow", remedy: "fetch-depth: 0")

    private static func desired(_ rua: String = "mailto:reports@example.net") throws -> DesiredZone {
        DesiredZone(
            zone: try DomainName("example.com"), providers: ["primary"], mtaSTS: nil,
            tlsRPT: TLSRPTDesire(rua: [try ReportURI(rua)]), host: .addresses([]))
    }

    private static func wish(_ digest: String, rua: String = "mailto:reports@example.net") throws -> ZoneWish {
        let desired = try desired(rua)
        return ZoneWish(zone: desired.zone, wish: .desired(desired), digest: digest)
    }

    /// A ledger whose zone was applied at ``applied`` with the manifests of these digests, one after another.
    private static func ledger(_ digests: [String] = ["old", "new"], commit: String? = applied) throws -> ZoneLedger {
        var ledger = ZoneLedger(zone: try DomainName("example.com"))
        for digest in digests {
            ledger = ledger.recording(.began(digest: digest, commit: commit), at: now)
            ledger = ledger.recording(
                .converged(AppliedDesire(zone: try desired(), digest: digest, commit: commit, at: now)), at: now)
        }
        return ledger
    }

    private static func verdict(
        _ digest: String, _ standing: SourceStanding, allowsOlder: Bool = false, ledger: ZoneLedger? = nil,
        rua: String = "mailto:reports@example.net"
    ) throws -> SourceVerdict {
        .of(
            try wish(digest, rua: rua), ledger: try ledger ?? Self.ledger(),
            claim: SourceClaim(commit: checkedOut, standing: standing, allowsOlder: allowsOlder))
    }

    @Test func `an ancestor of the commit last applied is refused, naming both`() throws {
        guard case .refused(let finding) = try Self.verdict("old", .older) else {
            Issue.record("it counts")
            return
        }
        #expect(finding.code == .commitOlder && finding.severity == .error)
        #expect(finding.message.contains("aaaaaaaaaaaa") && finding.message.contains("bbbbbbbbbbbb"))
        guard case .refused = try Self.verdict("never applied", .older) else {
            Issue.record("an ancestor's new content counts")
            return
        }
    }

    @Test(arguments: [SourceStanding.same, .newer])
    func `the same commit and a later one count`(standing: SourceStanding) throws {
        #expect(try Self.verdict("old", standing) == .counts)
    }

    @Test func `where ancestry can't be told, only content that was never applied counts`() throws {
        guard case .refused(let finding) = try Self.verdict("old", Self.untold) else {
            Issue.record("what was applied before counts")
            return
        }
        #expect(finding.code == .commitUnknown && finding.action.contains("fetch-depth: 0"))
        #expect(try Self.verdict("never applied", Self.untold) == .counts)
        let many = try Self.ledger((0..<AppliedSource.most).map { "\($0)" })
        guard case .refused(let full) = try Self.verdict("never applied", Self.untold, ledger: many) else {
            Issue.record("a history that is full knows what it forgot")
            return
        }
        #expect(full.message.contains("only the last 256 are remembered"))
        guard case .refused(let known) = try Self.verdict("0", Self.untold, ledger: many) else {
            Issue.record("what was applied before counts")
            return
        }
        #expect(!known.message.contains("remembered"))
        let gone = ZoneWish(zone: try DomainName("example.com"), wish: .gone, digest: "")
        let claim = SourceClaim(commit: nil, standing: Self.untold)
        guard case .refused(let finding) = SourceVerdict.of(gone, ledger: try Self.ledger(), claim: claim) else {
            Issue.record("a manifest that is missing counts as new content")
            return
        }
        #expect(finding.message.contains("(none)"))
    }

    @Test func `the manifest last applied is no older one, unless another configuration gives it another meaning`()
        throws
    {
        for standing in [SourceStanding.older, Self.untold] {
            #expect(try Self.verdict("new", standing) == .counts)
        }
        for standing in [SourceStanding.older, Self.untold] {
            guard case .refused = try Self.verdict("new", standing, rua: "mailto:others@example.net") else {
                Issue.record("an older configuration counts")
                return
            }
        }
    }

    @Test func `a person may mean the older one, and is told`() throws {
        for (standing, code) in [(SourceStanding.older, FindingCode.commitOlder), (Self.untold, .commitUnknown)] {
            guard case .allowed(let finding) = try Self.verdict("old", standing, allowsOlder: true) else {
                Issue.record("it is not allowed")
                return
            }
            #expect(finding.severity == .warning && finding.code == code)
        }
    }

    @Test func `without a commit last applied nothing is older`() throws {
        #expect(try Self.verdict("old", Self.untold, ledger: try Self.ledger(commit: nil)) == .counts)
        #expect(
            try Self.verdict("old", Self.untold, ledger: ZoneLedger(zone: try DomainName("example.com"))) == .counts)
    }

    @Test func `older ledgers know the commit of what was applied in full`() throws {
        var ledger = try Self.ledger()
        ledger.source = nil
        guard case .refused = try Self.verdict("never applied", .older, ledger: ledger) else {
            Issue.record("it counts")
            return
        }
    }

    /// The plan of a zone whose report record was changed by hand, from an older commit that asks for another one.
    @Test func `an older checkout heals towards what was last applied, and changes nothing else`() throws {
        var ledger = try Self.ledger()
        let key = RecordKey(name: TLSRPTRecord.recordName(ledger.zone), type: .txt)
        let record = try #require(RecordSet(key: key, ttl: 3_600, data: [.txt(TextData("v=TLSRPTv1;rua=mailto:a@x"))]))
        ledger.applied.tlsRPT = [record]
        var live = LiveZone(zone: ledger.zone)
        for key in Owned.keys(of: ledger.zone) { live.records[key] = .absent(.plain) }
        let claim = SourceClaim(commit: Self.checkedOut, standing: .older)
        for wish in [
            try Self.wish("old", rua: "mailto:old@example.net"), ZoneWish(zone: ledger.zone, wish: .gone, digest: ""),
        ] {
            let plan = Planner.plan(
                PlannerInput(wish: wish, ledger: ledger, live: live, now: Self.now, source: claim)
            ).plan
            #expect(plan.verdict == .blocked)
            #expect(plan.findings.map(\.code) == [.commitOlder])
            #expect(plan.steps.map(\.causes) == [[.drift]])
            guard case .records(let change)? = plan.steps.first?.effect else {
                Issue.record("no record is put back")
                return
            }
            #expect(change.writing == [record])
        }
    }

    @Test func `the ledger learns which manifest is begun with, and moves no commit back`() throws {
        let ledger = try Self.ledger()
        var live = LiveZone(zone: ledger.zone)
        for key in Owned.keys(of: ledger.zone) { live.records[key] = .absent(.plain) }
        let planned = Planner.plan(
            PlannerInput(wish: try Self.wish("new"), ledger: ledger, live: live, now: Self.now))
        #expect(planned.plan.verdict == .changes)
        func event(_ digest: String, _ standing: SourceStanding) throws -> LedgerEvent? {
            try Self.wish(digest).begins(
                planned, ledger: ledger, claim: SourceClaim(commit: Self.checkedOut, standing: standing),
                commit: Self.checkedOut)
        }
        #expect(try event("new", .newer) == .began(digest: "new", commit: Self.checkedOut))
        for standing in [SourceStanding.same, .older, Self.untold] { #expect(try event("new", standing) == nil) }
        #expect(try event("newest", Self.untold) == .began(digest: "newest", commit: Self.checkedOut))
        let moved = ledger.recording(.began(digest: "new", commit: Self.checkedOut), at: Self.now)
        #expect(moved.lastSource?.commit == Self.checkedOut)
        #expect(moved.lastSource?.isNew("old") == false && moved.lastSource?.isNew("newest") == true)
    }
}
