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

    @Test(arguments: [
        ("\u{feff}a: 1\n", "1:1"), ("a: \u{feff}b\n", "1:4"), ("a: x\u{7f}\n", "1:5"), ("\u{e4}: x\u{9b}\n", "1:5"),
        ("a: 1\nb: \u{fffe}\n", "2:4"), ("a: 1\nb: \u{ffff}\n", "2:4"), ("a: 1\nb: x\u{2028}\n", "2:5"),
        ("a: 1\nb: x\u{2029}c: 1\n", "2:5"), ("a: 1\r\nb: x\u{85}\n", "2:5"), ("a: 1\r\nb: x\rc: 1\n", "2:5"),
        ("# \u{1b}[31m\n", "1:3"),
    ])
    func `characters that are not read alike everywhere are refused, and their line is shown`(
        text: String, expected: String
    ) throws {
        let finding = try #require(parse(text).findings.first)
        #expect(parse(text).findings.count == 1 && parse(text).root == nil)
        #expect(finding.code == .yamlEncoding)
        let place = try #require(finding.place)
        #expect("\(place.line):\(place.column)" == expected)
        let lines = text.unicodeScalars.split(separator: "\n").map { String(String.UnicodeScalarView($0)) }
        #expect(place.source.map { lines[place.line - 1].hasPrefix($0) } == true)
    }

    @Test(arguments: [
        ("zone:\tx\n", "1:6"), ("zone: x\t# y\n", "1:8"), ("\u{e4}\u{f6}:\tx\n", "1:4"), ("a:\n  - \tx\n", "2:5"),
        ("a: \"b\tc\"\n", "1:6"), ("# a\tb\n", "1:4"), ("a: 1\n \t\n", "2:2"),
    ])
    func `a tab is refused wherever it stands`(text: String, expected: String) {
        #expect(first(text) == "\(expected) yaml-syntax")
        #expect(parse(text).findings.first?.message == "a tab stands here, and spaces are wanted")
    }

    @Test func `an escaped tab is fine`() throws {
        let root = try #require(parse("a: \"b\\tc\"\n").root)
        #expect(root["a"]?.content == .scalar("b\tc", isPlain: false))
    }

    @Test func `CRLF and other scripts are fine`() {
        #expect(parse("a: 1\r\nb: \u{e9}\u{1f600}\u{fffd}\r\n").findings.isEmpty)
    }

    @Test func `aliases are allowed a hundred times, not once more`() {
        func text(_ count: Int) -> String {
            "a: &a x\nb: [" + Array(repeating: "*a", count: count).joined(separator: ", ") + "]\n"
        }
        #expect(parse(text(100)).findings.isEmpty)
        #expect(first(text(101)) == "2:405 yaml-limit")
    }

    @Test(arguments: [("\n", "1001:1"), (", ", "1:8892")])
    func `a map holds a thousand keys, and 49,900 are refused at once`(separator: String, expected: String) {
        let keys = (0..<49_900).map { "k\($0): 1" }.joined(separator: separator)
        let text = separator == "\n" ? keys : "{\(keys)}"
        let clock = ContinuousClock()
        let start = clock.now
        #expect(first(text) == "\(expected) yaml-limit")
        #expect(clock.now - start < .seconds(60), "it took 136 seconds, and needs a few milliseconds")
    }

    @Test func `a hundred thousand values in one line are read in time`() {
        let clock = ContinuousClock()
        let start = clock.now
        let text = "a: [" + Array(repeating: "1", count: 99_000).joined(separator: ", ") + "]\n"
        #expect(parse(text).findings.isEmpty)
        #expect(clock.now - start < .seconds(60))
    }

    @Test func `errors whose extent is known hide no later ones`() {
        let document = parse("a: 1\na: {b: 2}\nc: !x y\n<<: {d: 1}\n? [e]\n: 1\na: 3\nf: 4\n")
        #expect(
            document.findings.map { "\($0.place?.line ?? 0) \($0.code.rawValue)" } == [
                "2 yaml-duplicate-key", "3 yaml-syntax", "4 yaml-syntax", "5 wrong-type", "7 yaml-duplicate-key",
            ])
        guard case .mapping(let entries)? = document.root?.content else { return #expect(Bool(false)) }
        #expect(entries.map(\.key) == ["a", "c", "f"])
        #expect(document.root?["a"]?.kindWords == "a single value", "the first of two counts")
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

    @Test func `a file of exactly the limit is read, one octet more is refused`() {
        let fits = Array("a: 1\n#".utf8) + [UInt8](repeating: 0x20, count: (1 << 20) - 6)
        #expect(fits.count == 1 << 20)
        #expect(YAMLDocument.parse(fits, file: "f").findings.isEmpty)
        #expect(YAMLDocument.parse(fits + [0x20], file: "f").findings.map(\.code) == [.fileTooLarge])
    }

    @Test func `a file over the limit is refused`() {
        #expect(
            YAMLDocument.parse([UInt8](repeating: 0x20, count: (1 << 20) + 1), file: "f").findings.map(\.code) == [
                .fileTooLarge
            ])
    }
}
