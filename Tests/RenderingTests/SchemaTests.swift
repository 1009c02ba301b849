import Foundation
import Testing

/// docs/plan.schema.json against the plans that we write, by a validator that nobody here wrote.
@Suite struct SchemaTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func validate(_ plan: String) throws -> (status: Int32, words: String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("plan-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(plan.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c",
            "import json, jsonschema, sys; jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))",
            Self.root.appendingPathComponent("docs/plan.schema.json").path, file.path,
        ]
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let words = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    @Test(arguments: [
        "plans/sample.json", "Tests/RenderingTests/Golden/plan.json", "Tests/RenderingTests/Golden/budget.json",
    ])
    func `a plan fits its schema`(path: String) throws {
        let result = try validate(try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8))
        #expect(result.status == 0, "\(result.words)")
    }

    @Test(arguments: [
        ("\"verb\" : \"create\"", "\"verb\" : \"creat\""), ("\"version\" : 1", "\"version\" : 2"),
        ("\"ttl\" : 300", "\"ttl\" : \"300\""),
    ])
    func `the schema refuses what is no plan`(old: String, new: String) throws {
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("Tests/RenderingTests/Golden/plan.json"), encoding: .utf8)
        #expect(text.contains(old))
        let result = try validate(text.replacing(old, with: new))
        #expect(result.status == 1 && result.words.contains("ValidationError"), "\(result.words)")
    }
}
