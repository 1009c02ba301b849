import Foundation

/// The files of Sources/ as text.
struct SourceTree {
    struct File {
        let target: String
        let path: String
        let text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func files() throws -> [File] {
        let sources = root.appendingPathComponent("Sources")
        let walker = FileManager.default.enumerator(atPath: sources.path)
        return try (walker?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.sorted().map { path in
            File(
                target: String(path.prefix { $0 != "/" }), path: path,
                text: try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8))
        }
    }

    /// Target names in the order of Package.swift's table: lowest first.
    static func order() throws -> [String] {
        let text = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let table = text.components(separatedBy: "let sources")[1].components(separatedBy: "let support")[0]
        return table.matches(of: #/\(\s*"([A-Za-z]+)",/#).map { String($0.1) }
    }
}
