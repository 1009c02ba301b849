import DNS
import Findings
import Foundation
import Planning
import Testing

/// The table of docs/operations.md, row by row: the first of 1, 5, 4, 3, 2, 0 that holds.
@Suite struct ExitStatusTests {
    private static func plan(_ verdicts: [ZonePlan.Verdict], error: Bool = false) throws -> Plan {
        let zones = try verdicts.enumerated().map { number, verdict in
            let zone = try DomainName("z\(number).example")
            let change = RecordChange(owner: zone, expecting: [], absent: [.txt], writing: [])
            let step = Step(
                .create, .tlsRPTRecord, causes: [.commit], reason: "why", effect: .records(change))
            return ZonePlan(zone: zone, digest: "", verdict: verdict, steps: verdict == .changes ? [step] : [])
        }
        let finding = Finding(.error, .noManifests, "what", action: "next")
        return Plan(madeAt: Instant(seconds: 0), zones: zones, findings: error ? [finding] : [])
    }

    @Test(
        arguments: [
            ([], false, 0, 0),
            ([.inSync, .notApplicable], false, 0, 0),
            ([.inSync, .changes], false, 0, 2),
            ([.changes, .blocked], false, 3, 3),
            ([.inSync], true, 3, 3),
            ([.unknown, .blocked, .changes], false, 4, 4),
            ([.unknown, .inSync], true, 4, 4),
            ([.unknown, .unknown], false, 1, 1),
        ] as [([ZonePlan.Verdict], Bool, Int32, Int32)])
    func `a plan's status`(verdicts: [ZonePlan.Verdict], error: Bool, plain: Int32, detailed: Int32) throws {
        let plan = try Self.plan(verdicts, error: error)
        #expect(ExitStatus.of(plan, detailed: false).rawValue == plain)
        #expect(ExitStatus.of(plan, detailed: true).rawValue == detailed)
    }

    @Test(
        arguments: [
            ([], false, 0),
            ([.applied, .nothingToDo, .held], false, 0),
            ([.applied, .blocked], false, 3),
            ([.nothingToDo, .skipped], false, 3),
            ([.applied, .failed, .blocked], false, 4),
            ([.applied, .notStarted], false, 4),
            ([.applied, .failed, .blocked], true, 5),
            ([.failed, .failed], false, 1),
            ([.failed], true, 5),
            ([.failed, .failed], true, 5),
            ([.failed, .notStarted], true, 1),
        ] as [([ZoneOutcome.Kind], Bool, Int32)])
    func `an apply's status`(kinds: [ZoneOutcome.Kind], isBusy: Bool, status: Int32) throws {
        let outcomes = try kinds.enumerated().map { number, kind in
            ZoneOutcome(zone: try DomainName("z\(number).example"), kind, isBusy: isBusy && kind == .failed)
        }
        #expect(ExitStatus.of(outcomes).rawValue == status)
    }

    @Test(
        arguments: [
            ([.applied], [0], false, 0),
            ([.applied], [1], false, 3),
            ([.nothingToDo, .nothingToDo], [0, 2], false, 3),
            ([.nothingToDo], [0], true, 3),
            ([], [], true, 3),
            ([.failed, .nothingToDo], [0, 1], true, 4),
        ] as [([ZoneOutcome.Kind], [Int], Bool, Int32)])
    func `an apply's status tells errors that no outcome shows`(
        kinds: [ZoneOutcome.Kind], errors: [Int], stray: Bool, status: Int32
    ) throws {
        let outcomes = try zip(kinds, errors).enumerated().map { number, zone in
            ZoneOutcome(zone: try DomainName("z\(number).example"), zone.0, errors: zone.1)
        }
        #expect(ExitStatus.of(outcomes, findings: stray ? [Self.stray] : []).rawValue == status)
    }

    private static let stray = Finding(.error, .fileKind, "what", action: "next")

    @Test(
        arguments: [
            ([], false, 0),
            (["ready", "not-applicable"], false, 0),
            (["ready", "pending"], false, 2),
            (["drifted", "ready"], false, 2),
            (["drifted", "degraded"], false, 3),
            (["pending", "blocked"], false, 3),
            (["ready error"], false, 3),
            (["ready"], true, 3),
            (["degraded unread", "blocked", "drifted"], false, 4),
            (["degraded unread", "degraded unread"], false, 1),
        ] as [([String], Bool, Int32)])
    func `a look's status`(zones: [String], stray: Bool, status: Int32) throws {
        let statuses = try zones.enumerated().map { number, words in
            ZoneStatus(
                zone: try DomainName("z\(number).example"),
                state: try #require(ZoneStatus.State(rawValue: "\(words.prefix { $0 != " " })")),
                isUnread: words.hasSuffix("unread"), conditions: [],
                errors: words.hasSuffix("error") ? [Self.stray] : [])
        }
        #expect(ExitStatus.of(statuses, findings: stray ? [Self.stray] : []).rawValue == status)
    }

    @Test func `of two statuses the first of 1, 5, 4, 3, 2, 0 counts`() {
        let order: [Planning.ExitStatus] = [.error, .busy, .partial, .blocked, .changes, .fine]
        for (index, one) in order.enumerated() {
            for other in order[index...] {
                #expect(ExitStatus.first(one, other) == one && ExitStatus.first(other, one) == one)
            }
        }
    }

    @Test func `every status stands in the manual`() throws {
        let page = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../docs/operations.md")
        let text = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
        for status in ExitStatus.allCases { #expect(text.contains("\n| \(status.rawValue) | ")) }
        #expect(text.contains("the first of 1, 5, 4, 3, 2, 0"))
    }
}
