import Findings
import Testing
import YAML

@Suite struct YAMLTests {
    private func parse(_ text: String, _ limits: YAMLLimits = YAMLLimits()) -> YAMLDocument {
        YAMLDocument.parse(Array(text.utf8), file: "f.yaml", limits: limits)
    }

    private func first(_ text: String) -> String? {
        parse(text).findings.first.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.code.rawValue)" }
    }

    @Test(arguments: [
        (String(repeating: "[", count: 200_000), "1:25 yaml-limit"),
        (String(repeating: "{a: ", count: 50_000), "1:97 yaml-limit"),
        ("a: 1\n---\nb: 2\n", "2:1 yaml-documents"), ("a: 1\na: 2\n", "2:1 yaml-duplicate-key"),
        ("a: *x\n", "1:4 yaml-syntax"),
        ("a:\n\tb: 1\n", "2:1 yaml-syntax"), ("a: \u{1}\n", "1:4 yaml-encoding"), ("a: !x y\n", "1:4 yaml-syntax"),
        ("b: &x {c: 1}\n<<: *x\n", "2:1 yaml-syntax"), ("? [a]\n: 1\n", "1:3 wrong-type"),
    ])
    func `what is refused is refused at its place`(text: String, expected: String) {
        #expect(first(text) == expected)
    }

    @Test func `octets that are no UTF-8 are told with their place`() {
        let document = YAMLDocument.parse(Array("a: b\nä: ".utf8) + [0xff, 0x0a], file: "f.yaml")
        #expect(document.findings.first?.code == .yamlEncoding)
        #expect(document.findings.first?.place.map { "\($0.line):\($0.column)" } == "2:4")
    }

    @Test func `aliases are bounded by what they repeat`() {
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (name, before) in zip("bcdef", "abcde") {
            text += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(parse(text).findings.map(\.code) == [.yamlLimit])
        #expect(
            parse(
                "a: [" + Array(repeating: "1", count: 200).joined(separator: ",") + "]\n",
                {
                    var l = YAMLLimits(); l.nodes = 100; return l
                }()
            ).findings.map(\.code) == [.yamlLimit])
    }

    @Test func `columns count characters`() throws {
        let root = try #require(parse("\"b\u{fc}cher\": {a: 1}\n").root)
        guard case .mapping(let entries) = root.content else { return #expect(Bool(false)) }
        #expect(entries[0].value.place.column == 11)
        #expect(entries[0].value["a"]?.place.column == 15)
    }

    @Test func `plain null, quoted null and words are told apart`() throws {
        let root = try #require(parse("a: null\nb: \"null\"\nc: ~\nd:\ne: no\n").root)
        #expect(["a", "b", "c", "d", "e"].map { root[$0]?.isNull } == [true, false, true, true, false])
    }

    @Test func `a file over the limit is refused`() {
        #expect(
            YAMLDocument.parse([UInt8](repeating: 0x20, count: (1 << 20) + 1), file: "f").findings.map(\.code) == [
                .fileTooLarge
            ])
    }
}
