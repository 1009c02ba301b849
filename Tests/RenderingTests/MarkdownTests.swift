import DNS
import Findings
import Foundation
import Planning
import Rendering
import Testing

/// Markdown as GitHub's own parser (cmark-gfm) reads it: text from DNS and manifests mentions nobody, links nowhere, closes nothing.
@Suite struct MarkdownTests {
    /// What strangers may write into a TXT record, a policy or a manifest.
    static let hostile: [String] = [
        "@everyone", "hello @octocat, see #12 and octo/repo#34 and GH-56", "https://evil.example/x", "www.evil.example",
        "ftp://evil.example", "mail me@evil.example now", "mailto:me@evil.example", "xmpp:me@evil.example",
        "[x](https://evil.example)", "![x](https://evil.example/p.png)", "<https://evil.example>",
        "[a]: https://evil.example",
        "</td></table></details><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- ", "--> <b>bold</b>",
        "` @octocat `", "``` @octocat ```", "`", "``", "`a", "a`", " @octocat ", "a `` b ` c ``` @octocat",
        String(repeating: "`", count: 31) + " @octocat", String(repeating: "`", count: 90) + " @octocat",
        String(repeating: "~", count: 300), "~~~~~~", "~~~\n@octocat #12", "a\n\n@octocat #12\n\n# big", "\r\n@octocat",
        "a | b | @octocat", "|---|---|", "**bold** _em_ ~~gone~~ @octocat", "\\` @octocat",
        "&#64;octocat &lt;b&gt; &commat;octocat",
        "0123456789abcdef0123456789abcdef01234567 @octocat/team", "\u{202e}@octocat\u{2028}#12", "\t@octocat",
        "é@octocat 😀#12",
        "$x$ :smile: [ ] - [x] 1. * + >", "  ", "",
    ]

    private static func html(_ markdown: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/cmark-gfm")
        process.arguments = ["--unsafe", "-e", "autolink", "-e", "table", "-e", "strikethrough", "-e", "tasklist"]
        let input = Pipe()
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("markdown-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        process.standardInput = input
        process.standardOutput = FileHandle(forWritingAtPath: output.path)
        try process.run()
        input.fileHandleForWriting.write(Data(markdown.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try String(contentsOf: output, encoding: .utf8)
    }

    /// What is wrong with a comment, as GitHub's filters would see it: they leave `code` alone, and nothing else.
    private static func defects(_ html: String) -> [String] {
        let outside = html.replacing(#/(?s)<code[^>]*>.*?</code>/#, with: "<code></code>")
        var defects: [String] = []
        for (name, pattern) in [
            ("a link", #/<a[ >]/#), ("an image", #/<img/#), ("a script", #/<script/#), ("bold", #/<b>|<strong>a|<em>/#),
            ("a mention", #/@[A-Za-z0-9]/#), ("a reference", #/#[0-9]|GH-[0-9]/#), ("a URL", #/https?:|www\.|mailto:/#),
            ("a commit", #/[0-9a-f]{40}/#), ("a table", #/<table/#), ("a comment", #/<!--/#),
        ] as [(String, Regex<Substring>)] where outside.contains(pattern) { defects.append(name) }
        return defects
    }

    @Test func `the checks see what they are for`() throws {
        #expect(
            Self.defects(try Self.html("@octocat #12 www.evil.example")) == [
                "a link", "a mention", "a reference", "a URL",
            ])
        #expect(Self.defects(try Self.html("&#64;octocat")) == ["a mention"], "an entity hides no mention")
        #expect(Self.defects(try Self.html("`@octocat #12 www.evil.example`")) == [])
    }

    @Test(arguments: hostile) func `a code span holds whatever is put into it`(text: String) throws {
        let html = try Self.html("before \(Escaping.markdown(text)) after")
        #expect(Self.defects(html) == [], "\(html)")
        #expect(html.hasPrefix("<p>before ") && html.hasSuffix(" after</p>\n"), "\(html)")
    }

    @Test(arguments: hostile) func `a block holds whatever is put into it`(text: String) throws {
        let lines = ["+ \(text)", "  \(text)", text]
        let html = try Self.html("before\n\n\(Escaping.markdown(block: lines, language: "diff"))\nafter\n")
        #expect(Self.defects(html) == [], "\(html)")
        #expect(html.hasPrefix("<p>before</p>\n<pre><code class=\"language-diff\">"), "\(html)")
        #expect(html.hasSuffix("</code></pre>\n<p>after</p>\n"), "\(html)")
    }

    /// A plan in which every place that a stranger can reach holds `text`.
    private static func plan(_ text: String) -> Plan {
        let zone = SamplePlan.name("example.com")
        let finding = Finding(
            .error, .unmanaged, zone: text, text, action: text,
            at: Place(file: text, line: 1, column: 1, length: 1, source: text))
        let steps = [
            Step(
                .change, .mtaSTSRecord, causes: [.commit], reason: text,
                effect: SamplePlan.records("_mta-sts.example.com", from: text, to: text)),
            Step(.issue, .certificate, causes: [.due], reason: text, effect: .certificate(names: [zone], issuer: text)),
        ]
        let zonePlan = ZonePlan(
            zone: zone, digest: text, verdict: .blocked, steps: steps, holds: [Hold(.policyHost, text)],
            findings: [finding])
        return Plan(
            madeAt: Instant(seconds: 1_800_000_000), commit: text, zones: [zonePlan], findings: [finding],
            addOns: [AddOnTotal(name: text, domains: 1, price: .init(hundredths: 100, currency: text))])
    }

    @Test(arguments: hostile) func `no place of a plan lets a stranger mention, link or close anything`(text: String)
        throws
    {
        let html = try Self.html(PlanMarkdown().render(Self.plan(text)))
        #expect(Self.defects(html) == [], "\(html)")
        #expect(html.contains("<sub>made at"), "\(html)")
    }

    @Test func `the limit counts as GitHub does, not what a reader sees as one character`() throws {
        var plan = try SamplePlan.plan()
        // A family of eleven UTF-16 units, and a letter under a hundred accents: one character each.
        let long = String(repeating: "👨‍👩‍👧‍👦e" + String(repeating: "\u{301}", count: 100), count: 20)
        plan.zones = (0..<60).map { number in
            ZonePlan(
                zone: SamplePlan.name("zone\(number).example"), digest: "", verdict: .blocked,
                findings: [Finding(.error, .unmanaged, long, action: "look")])
        }
        let text = PlanMarkdown().render(plan)
        #expect(text.count < 65_536 / 4, "the sample must not fill the limit by characters")
        #expect(text.unicodeScalars.count <= 65_536 && text.utf16.count <= 65_536)
        #expect(text.contains("more, left out for length"))
        plan.findings = (0..<60).map { Finding(.error, .unmanaged, "\($0) \(long)", action: "look") }
        #expect(PlanMarkdown().render(plan).utf16.count <= 65_536)
        #expect(PlanMarkdown().render(plan).contains("too long to be shown here"))
    }
}
