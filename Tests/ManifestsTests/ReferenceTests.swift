import Foundation
import Manifests
import Testing

/// docs/manifest.md is made from the parser's own field table.
@Suite struct ReferenceTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/manifest.md")

    @Test func `the reference page says what the parser knows`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let parts = text.components(separatedBy: "<!-- fields -->\n")
        #expect(parts.count == 3)
        let rendered = FieldTable.all.map(Self.render).joined(separator: "\n")
        if ProcessInfo.processInfo.environment["CERTADNS_RECORD_GOLDEN"] != nil, parts.count == 3 {
            try (parts[0] + "<!-- fields -->\n" + rendered + "<!-- fields -->\n" + parts[2])
                .write(to: Self.page, atomically: true, encoding: .utf8)
        }
        #expect(parts.count == 3 && parts[1] == rendered, "run 'make golden' and look at the difference")
    }

    private static func render(_ table: FieldTable) -> String {
        var lines = ["## `\(table.path)`", "", "| key | value | without it | meaning |", "| --- | --- | --- | --- |"]
        for field in table.fields {
            lines.append(
                "| `\(field.key)` | \(field.kind) | \(field.isRequired ? "an error" : field.fallback ?? "nothing") | \(field.meaning) |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
