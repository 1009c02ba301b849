import DNS
import Foundation
import MTASTS
import Properties
import Testing

/// The vectors of RFC 8461: expectations come from its text, never from one program.
@Suite struct VectorTests {
    @Test func `every TXT text is judged as the grammar has it`() throws {
        let rows = try VectorTable("dev.tsv").rows.filter { $0["kind"] == "txt" }
        #expect(rows.count == 20)
        for row in rows {
            let record = try? STSRecord(parsing: VectorTable.unescape(row["input"] ?? ""))
            #expect((record != nil) == (row["expected"] == "valid"), "\(row["id"] ?? "") \(row["note"] ?? "")")
            if let record, let parsed = Self.json(row["parsed"]) {
                #expect(record.id.text == parsed["id"] as? String, "\(row["id"] ?? "")")
            }
        }
    }

    @Test func `every policy body is judged as the grammar has it`() throws {
        let rows = try VectorTable("dev.tsv").rows.filter { $0["kind"] == "policy" }
        #expect(rows.count == 35)
        for row in rows {
            let octets = VectorTable.unescape(row["input"] ?? "")
            let policy = try? Policy.parse(octets)
            #expect((policy != nil) == (row["expected"] == "valid"), "\(row["id"] ?? "") \(row["note"] ?? "")")
            if let policy, let parsed = Self.json(row["parsed"]) {
                #expect(policy.mode.rawValue == parsed["mode"] as? String, "\(row["id"] ?? "")")
                #expect(policy.mx.map(\.description) == parsed["mx"] as? [String] ?? [], "\(row["id"] ?? "")")
                #expect(policy.maxAge.seconds == parsed["max_age"] as? Int, "\(row["id"] ?? "")")
            }
        }
    }

    @Test func `every record set gives the record that counts`() throws {
        let rows = try VectorTable("txt-rrsets.tsv").rows
        #expect(rows.count == 10)
        for row in rows {
            let json = try JSONSerialization.jsonObject(with: Data((row["rrset_json"] ?? "").utf8)) as? [[String]] ?? []
            let texts = json.map { Array($0.joined().utf8) }
            switch RecordSelection.select(from: texts) {
            case .one: #expect(row["expected"] == "one", "\(row["id"] ?? "")")
            case .absent, .several: #expect(row["expected"] == "none", "\(row["id"] ?? "")")
            case .malformed: #expect(row["expected"] == "invalid", "\(row["id"] ?? "")")
            }
        }
    }

    @Test func `a pattern matches exactly the hosts that a sender may use`() throws {
        let rows = try VectorTable("mx-match.tsv").rows
        #expect(rows.count == 30)
        for row in rows {
            let pattern = try? MXPattern(parsing: row["pattern"] ?? "")
            let host = try? DomainName(row["host"] ?? "")
            let matches = pattern.flatMap { pattern in host.map { pattern.matches($0) } } ?? false
            #expect(matches == (row["expected"] == "match"), "\(row["id"] ?? "") \(row["note"] ?? "")")
        }
    }

    private static func json(_ text: String?) -> [String: Any]? {
        text.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    }
}

@Suite struct PolicyTests {
    @Test func `what we publish reads back, in CRLF and the usual order`() throws {
        let policy = Policy(
            mode: .enforce, mx: [try MXPattern(parsing: "mx1.example.com"), try MXPattern(parsing: "*.example.net")],
            maxAge: try #require(MaxAge(seconds: 604_800)))
        let octets = policy.serialized()
        #expect(
            String(decoding: octets, as: UTF8.self)
                == "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n")
        #expect(try Policy.parse(octets) == policy)
    }

    @Test func `reading and writing lose no extension`() throws {
        let text = "version: STSv1\r\nmode: none\r\nmax_age: 1\r\nnew_key: some value\r\n"
        #expect(
            try Policy.parse(try Policy.parse(Array(text.utf8)).serialized()).extensions == [
                .init(key: "new_key", value: "some value")
            ])
    }

    @Test(arguments: [
        ("version: STSv1\nmode: enforce\n\nmx: a.example\nmax_age: 1\n", 3),
        ("version: STSv1\nmode: sometimes\nmax_age: 1\n", 2),
        ("version: STSv1\nmode: enforce\nmx: a..example\nmax_age: 1\n", 3),
    ])
    func `a defect names its line`(text: String, line: Int) {
        #expect { try Policy.parse(Array(text.utf8)) } throws: { ($0 as? PolicyDefect)?.line == line }
    }

    @Test(arguments: [
        ("1x0011223344556677", 1), ("42xdeadbeefdeadbeef", 42), ("20160831085700Z", nil), ("1x00112233445566", nil),
    ])
    func `only ids of our own form have a counter`(text: String, counter: Int?) {
        #expect(PolicyID(text)?.counter == counter)
    }
}
