import Foundation
import Properties
import TLSRPT
import Testing

/// The vectors of RFC 8460 §3.
@Suite struct VectorTests {
    @Test func `every record set gives the record that counts, with its URIs`() throws {
        let rows = try VectorTable("tlsrpt-txt.tsv").rows
        #expect(rows.count == 33)
        for row in rows {
            let json = try JSONSerialization.jsonObject(with: Data((row["rrset_json"] ?? "").utf8)) as? [[String]] ?? []
            // One character is one octet.
            let texts = json.map { record in record.joined().unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            }
            switch TLSRPTSelection.select(from: texts) {
            case .one(let record):
                #expect(row["expected"] == "one", "\(row["id"] ?? "") \(row["note"] ?? "")")
                let wanted = try JSONSerialization.jsonObject(with: Data((row["rua_json"] ?? "[]").utf8)) as? [String]
                #expect(record.rua == wanted, "\(row["id"] ?? "")")
            case .absent, .several: #expect(row["expected"] == "none", "\(row["id"] ?? "") \(row["note"] ?? "")")
            case .malformed(let defect):
                #expect(row["expected"] == "invalid", "\(row["id"] ?? "") \(row["note"] ?? "") \(defect)")
            }
        }
    }
}

@Suite struct ReportURITests {
    @Test(arguments: [
        ("mailto:a@b.example", nil), ("https://h.example/v1", nil),
        ("MAILTO:a@b.example", ReportURIError.upperCaseScheme("MAILTO")),
        ("http://h.example/", .otherScheme("http")), ("mailto:a!b@c.example", .unencoded("!")),
        ("https://h.example/?a=b", .query("?")),
        ("a@b.example", .noScheme("a@b.example")), ("mailto:nobody", .noAddress("mailto:nobody")),
        ("https:///x", .noHost("https:///x")),
    ])
    func `what some reader stumbles over is not published`(text: String, error: ReportURIError?) {
        if let error {
            #expect(throws: error) { try ReportURI(text) }
        } else {
            #expect((try? ReportURI(text))?.text == text)
        }
    }

    @Test func `the published record reads back`() throws {
        let rua = [try ReportURI("mailto:a@b.example"), try ReportURI("https://h.example/v1")]
        let text = TLSRPTRecord.text(for: rua)
        #expect(text == "v=TLSRPTv1; rua=mailto:a@b.example,https://h.example/v1")
        #expect(try TLSRPTRecord(parsing: Array(text.utf8)).rua == rua.map(\.text))
    }
}
