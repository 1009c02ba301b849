import Findings
import Foundation
import Testing

/// The shape of the house, checked on its own text. Each check is shown red once on a sample.
@Suite struct HouseTests {
    static let pure: Set<String> = ["Findings", "YAML", "DNS", "MTASTS", "TLSRPT", "Planning", "Rendering"]
    static let edges: Set<String> = [
        "DNSClient", "Probes", "Providers", "Storage", "LocalCA", "ACME", "PolicyHost", "EmbeddedDNS", "Checkout",
        "RemoteState",
    ]

    @Test func `a target imports only from above it, and edges never import each other`() throws {
        let order = try SourceTree.order()
        #expect(order.count >= 18)
        let files = try SourceTree.files()
        #expect(files.count > 80)
        for file in files where !file.target.hasPrefix("certadns") {
            #expect(Self.badImports(in: file.text, of: file.target, order: order) == [], "\(file.path)")
        }
        #expect(Self.badImports(in: "import Planning\n", of: "DNS", order: order) == ["Planning"])
        #expect(Self.badImports(in: "package import Storage\n", of: "PolicyHost", order: order) == ["Storage"])
    }

    private static func badImports(in text: String, of target: String, order: [String]) -> [String] {
        let own = order.firstIndex(of: target) ?? 0
        return text.matches(of: #/(?m)^(?:package |public )?import ([A-Za-z0-9]+)$/#).map { String($0.1) }.filter {
            name in
            guard let index = order.firstIndex(of: name) else { return false }
            if index >= own { return true }
            return edges.contains(target) && edges.contains(name) && name != "DNSClient"
        }
    }

    @Test func `pure targets have no time, chance, files or waiting`() throws {
        for file in try SourceTree.files() where Self.pure.contains(file.target) {
            #expect(Self.impurities(in: file.text) == [], "\(file.path)")
        }
        #expect(Self.impurities(in: "let now = Date()") == ["Date()"])
        #expect(Self.impurities(in: "import Foundation\nfunc f() async {}") == [" async ", "import Foundation\n"])
    }

    private static func impurities(in text: String) -> [String] {
        [
            " async ", "Date()", "Date.now", ".random(", "FileManager", "import Foundation\n", "import Glibc", "Task {",
            "Task.sleep",
        ]
        .filter((SwiftCode.stripped(text) + "\n").contains)
    }

    @Test func `JSON is made by an encoder or by the one writer`() throws {
        // One hashes RFC 7638's fixed form of our own key, in which no stranger's text stands.
        let hasher = "ACME/Signing/RequestKey.swift"
        for file in try SourceTree.files() {
            #expect(Self.handmadeJSON(in: file.text).isEmpty != file.path.hasSuffix(hasher), "\(file.path)")
        }
        #expect(Self.handmadeJSON(in: #"let x = "{\"zone\": \"\(zone)\"}""#) != [])
        #expect(Self.handmadeJSON(in: #"let x = "\"\(name)\":\"\(value)\"""#) != [])
        #expect(Self.handmadeJSON(in: ##"let x = #"{"zone": 1}"#"##) != [])
    }

    /// A quoted name and a colon within a string literal.
    private static func handmadeJSON(in text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.contains("///") }.map(String.init).filter { line in
            line.contains(#/[^\\]\\" ?:/#) || line.contains(##/#"[^\n]*"[a-z_]+": ?/##)
        }
    }

    @Test func `what is taken away is gone for good`() throws {
        // The store's own is a second name of a file that stays.
        let homes = ["Files/DurableFile.swift", "Storage/StoreFiles.swift"]
        for file in try SourceTree.files() where !homes.contains(where: { file.path.hasSuffix($0) }) {
            #expect(!SwiftCode.stripped(file.text).contains("unlink("), "\(file.path): DurableFile.remove flushes")
        }
    }

    @Test func `files stay small`() throws {
        for file in try SourceTree.files() { #expect(file.lines.count <= 400, "\(file.path)") }
    }

    @Test func `nothing traps on what input can reach`() throws {
        for file in try SourceTree.files() {
            #expect(Self.traps(in: file.text) == [], "\(file.path)")
        }
        #expect(Self.traps(in: "let x = try! f()") == ["try!"])
        #expect(Self.traps(in: "let x = f() // no try! here, f()! neither") == [])
        #expect(Self.traps(in: #"let u = "https://x"; let x = y! // why"#) == ["y!"])
        #expect(Self.traps(in: #"print("Stop! \(names[0]!.count) /* f()! */") /* g()! */"#) == ["]!"])
        #expect(
            Self.traps(in: "var x: String!\nf(a)!.b; a != b; !c; precondition(x)") == [
                "precondition(", "String!", ")!",
            ])
        #expect(Self.traps(in: "FileHandle.standardOutput.write(Data(text.utf8))") == [".write(Data"])
        #expect(Self.traps(in: "try handle.write(contentsOf: Data(text.utf8))") == [])
    }

    /// Words that end the process, or let the compiler's checks pass unread. `FileHandle.write(_:)` ends it when nobody reads.
    private static func traps(in text: String) -> [String] {
        let code = SwiftCode.stripped(text)
        let words = [
            "try!", "fatalError(", "precondition(", "preconditionFailure(", "@unchecked Sendable",
            "nonisolated(unsafe)",
            "as!", ".write(Data",
        ].filter(code.contains)
        let unwraps = code.matches(of: #/([A-Za-z0-9_]+|[)\]>}"?])!(?!=)/#).map { String($0.0) }
        return words + unwraps.filter { $0 != "try!" && $0 != "as!" }
    }

    @Test func `every finding code is documented and raised somewhere`() throws {
        let docs = try String(contentsOf: SourceTree.root.appendingPathComponent("docs/findings.md"), encoding: .utf8)
        let raised = try SourceTree.files().filter { !$0.path.hasSuffix("FindingCode.swift") }.map(\.text).joined()
        for code in FindingCode.allCases {
            #expect(docs.contains("| `\(code.rawValue)` |"), "\(code.rawValue) is not in docs/findings.md")
            #expect(raised.contains(".\(code)"), "nothing raises \(code.rawValue)")
        }
        let documented = docs.matches(of: #/(?m)^\| `([a-z-]+)` \|/#).map { String($0.1) }
        #expect(Set(documented) == Set(FindingCode.allCases.map(\.rawValue)))
    }

    @Test(arguments: [
        ("0123456789abcdef", "DNS/Names/Octets.swift"), ("fsync(", "Files/DurableFile.swift"),
        (".prepending(\"*\")", "DNS/Zones/ZoneTree.swift"),
    ])
    func `what all need stands once`(word: String, path: String) throws {
        #expect(try SourceTree.files().filter { $0.text.contains(word) }.map(\.path) == [path])
    }

    @Test func `every target stands in the architecture page`() throws {
        let page = try String(
            contentsOf: SourceTree.root.appendingPathComponent("docs/architecture.md"), encoding: .utf8)
        for target in try SourceTree.order() { #expect(page.contains("`\(target)`"), "\(target)") }
    }
}
