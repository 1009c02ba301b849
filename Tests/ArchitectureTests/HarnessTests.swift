import Foundation
import Testing

/// The script around a whole run of the tests, run here around a `swift` of its own: each of its checks is shown red once.
@Suite struct HarnessTests {
    private static let passed = (1...12).map { "✔ Test \"number \($0)\" passed after \($0).5 seconds." }

    /// What the script makes of a run that prints `lines`, reads these golden files and ends with `status`.
    private func run(
        _ lines: [String] = passed, closing: String = "✔ Test run with 12 tests passed after 12.5 seconds.",
        reading golden: [String], status: Int32 = 0, hangs: Bool = false, arguments: [String] = []
    ) throws -> (status: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in [("lines", lines + [closing]), ("golden", golden)] {
            try (text.joined(separator: "\n") + "\n").write(
                to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let fake = folder.appendingPathComponent("swift")
        try """
        #!/bin/bash
        cat '\(folder.path)/golden' >>"$CERTADNS_GOLDEN_LOG"
        cat '\(folder.path)/lines'
        \(hangs ? "sleep 1000" : "")
        exit \(status)
        """.write(to: fake, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake.path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [SourceTree.root.appendingPathComponent("Tests/Lab/swift-test.sh").path] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = folder.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["CERTADNS_TEST_SECONDS"] = hangs ? "2" : "100"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// Every golden file of the tests, as the script looks for them.
    private static func goldenFiles() -> [String] {
        let tests = SourceTree.root.appendingPathComponent("Tests").path
        let paths = FileManager.default.enumerator(atPath: tests)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            return path.contains("/Golden/") && !path.contains("Support/")
                && FileManager.default.fileExists(atPath: tests + "/" + path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.map { tests + "/" + $0 }
    }

    @Test func `a good run passes, and its ten slowest tests are told, the slowest first`() throws {
        let golden = Self.goldenFiles()
        #expect(golden.count > 5)
        let (status, output) = try run(reading: golden)
        #expect(status == 0, "\(output)")
        let told = output.split(separator: "\n").drop { $0 != "Ten slowest tests:" }.dropFirst()
        #expect(told.prefix(10).map(String.init) == (3...12).reversed().map { "  \($0).5 \"number \($0)\"" })
        #expect(told.last == "✔ Test run with 12 tests passed after 12.5 seconds.")
    }

    @Test func `failed tests are told by status and closing line`() throws {
        let closing = "✘ Test run with 12 tests failed after 12.5 seconds with 1 issue."
        let (status, output) = try run(closing: closing, reading: Self.goldenFiles(), status: 1)
        #expect(status == 1)
        #expect(output.hasSuffix(closing + "\n"))
    }

    @Test func `a golden file that no test read fails the run, and is named`() throws {
        let golden = Self.goldenFiles().sorted()
        let (status, output) = try run(reading: Array(golden.dropFirst()))
        #expect(status == 1)
        #expect(output.contains("golden files that no test reads:\n\(golden[0])\n"), "\(output)")
    }

    @Test func `a run whose slowest tests can't be told fails`() throws {
        let changed = Self.passed.map { $0.replacing("seconds", with: "s") }
        let (status, output) = try run(changed, reading: Self.goldenFiles())
        #expect(status == 1)
        #expect(output.contains("the time of fewer than ten tests"))
    }

    @Test func `a run that hangs is ended, and what had begun is named`() throws {
        let begun = [
            "◇ Test \"number 1\" started.", "◇ Test case passing 1 argument n → 1 to \"number 1\" started.",
            "◇ Test \"the one that hangs\" started.",
        ]
        let (status, output) = try run(begun + Self.passed, reading: Self.goldenFiles(), hangs: true)
        #expect(status == 124)
        #expect(output.hasSuffix("Begun and not ended:\n  \"the one that hangs\"\n"), "\(output)")
    }

    @Test func `a scenario that hangs is killed, with what it printed and ran`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            SourceTree.root.appendingPathComponent("Tests/Lab/namespace.sh").path, folder, "--", "bash", "-c",
            "echo begun; sleep 1000 & wait",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(["CERTADNS_SCENARIO_SECONDS": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus != 0)
        #expect(text.hasPrefix("begun\n"), "\(text)")
        #expect(text.contains("longer than 1 s; killed") && text.contains("sleep 1000"), "\(text)")
    }

    @Test func `part of a run needs neither`() throws {
        #expect(try run(Array(Self.passed.prefix(2)), reading: [], arguments: ["--filter", "x"]).status == 0)
    }
}
