import Foundation
import Properties
import ReferenceSender
import Testing

/// The senders of the simulation are held to the vectors of RFC 8461, as the product is: by the RFC's text, never by each other.
@Suite struct SenderTests {
    private static func table(_ name: String) throws -> [[String: String]] {
        try VectorTable(name, file: #filePath.replacing("ReferenceSenderTests", with: "MTASTSTests")).rows
    }

    private static func json(_ text: String?) -> [String: Any]? {
        text.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    }

    @Test func `every TXT text is judged as the grammar has it`() throws {
        let rows = try Self.table("dev.tsv").filter { $0["kind"] == "txt" }
        #expect(rows.count == 20)
        for row in rows {
            let id = SenderText.id(in: [VectorTable.unescape(row["input"] ?? "")])
            #expect((id != nil) == (row["expected"] == "valid"), "\(row["id"] ?? "") \(row["note"] ?? "")")
            if let id, let parsed = Self.json(row["parsed"]) { #expect(id == parsed["id"] as? String) }
        }
    }

    @Test func `every policy body is judged as the grammar has it`() throws {
        let rows = try Self.table("dev.tsv").filter { $0["kind"] == "policy" }
        #expect(rows.count == 35)
        for row in rows {
            let policy = SenderText.policy(VectorTable.unescape(row["input"] ?? ""))
            #expect((policy != nil) == (row["expected"] == "valid"), "\(row["id"] ?? "") \(row["note"] ?? "")")
            guard let policy, let parsed = Self.json(row["parsed"]) else { continue }
            #expect(policy.mode == parsed["mode"] as? String && Int(policy.maxAge) == parsed["max_age"] as? Int)
            #expect(policy.mx == (parsed["mx"] as? [String] ?? []).map { $0.lowercased() })
        }
    }

    @Test func `every record set gives the record that counts`() throws {
        let rows = try Self.table("txt-rrsets.tsv")
        #expect(rows.count == 10)
        for row in rows {
            let json = try JSONSerialization.jsonObject(with: Data((row["rrset_json"] ?? "").utf8)) as? [[String]] ?? []
            let id = SenderText.id(in: json.map { Array($0.joined().utf8) })
            #expect((id != nil) == (row["expected"] == "one"), "\(row["id"] ?? "")")
        }
    }

    @Test func `a pattern matches exactly the hosts that a sender may use`() throws {
        let rows = try Self.table("mx-match.tsv")
        #expect(rows.count == 30)
        for row in rows {
            let matches = SenderText.matches(row["pattern"] ?? "", row["host"] ?? "")
            #expect(matches == (row["expected"] == "match"), "\(row["id"] ?? "") \(row["note"] ?? "")")
        }
    }

    private static let enforce = Array("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 100\n".utf8)
    private static func record(_ id: String) -> [[UInt8]] { [Array("v=STSv1; id=\(id)".utf8)] }

    @Test func `a policy is applied until it expires, though nothing answers any more`() {
        var sender = Sender(habit: .keeps)
        #expect(sender.deliver(at: 0, records: Self.record("1"), hosts: ["a.example"]) { Self.enforce } == .delivered)
        #expect(sender.deliver(at: 99, records: nil, hosts: ["b.example"]) { nil } == .refused(id: "1"))
        #expect(sender.deliver(at: 100, records: nil, hosts: ["b.example"]) { nil } == .delivered)
    }

    @Test func `habits differ in what the id that is held is worth`() {
        for habit in Sender.Habit.allCases {
            var sender = Sender(habit: habit)
            _ = sender.deliver(at: 0, records: Self.record("1"), hosts: ["a.example"]) { Self.enforce }
            _ = sender.deliver(at: 90, records: Self.record("1"), hosts: ["a.example"]) { nil }
            let verdict = sender.deliver(at: 150, records: nil, hosts: ["b.example"]) { nil }
            #expect(verdict == (habit == .extends ? .refused(id: "1") : .delivered), "\(habit)")
        }
    }

    @Test func `a new id is a reason to fetch, and who can't keeps what is held`() {
        var sender = Sender(habit: .keeps)
        _ = sender.deliver(at: 0, records: Self.record("1"), hosts: ["a.example"]) { Self.enforce }
        #expect(sender.deliver(at: 1, records: Self.record("2"), hosts: ["b.example"]) { nil } == .refused(id: "1"))
        let none = Array("version: STSv1\nmode: none\nmax_age: 100\n".utf8)
        #expect(sender.deliver(at: 2, records: Self.record("2"), hosts: ["b.example"]) { none } == .delivered)
        #expect(sender.cached?.id == "2")
    }
}
