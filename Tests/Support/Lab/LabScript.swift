import Foundation

/// The server did not come up.
package struct NotUp: Error, CustomStringConvertible {
    /// What it said.
    package let description: String
}

/// A script of Tests/Lab that starts a server and keeps it up until ``stop()``, or until this process ends.
struct LabScript: Sendable {
    /// What it says of the server, once that answers.
    let values: [String: String]
    private let leash: FileHandle

    /// Starts it in `folder`, and waits until its server answers.
    static func start(_ name: String, in folder: String, environment: [String: String]) async throws -> LabScript {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let script = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Lab/\(name)").standardizedFileURL
        process.arguments = [script.path, folder, "--", "cat"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        try? FileManager.default.removeItem(atPath: folder + "/env")
        let output = folder + "/output"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = process.standardOutput
        // The script ends when its input does: also when this process dies. A signal would not reach it, since threads of
        // ours block signals and what they start inherits that.
        let leash = Pipe()
        process.standardInput = leash
        try process.run()
        let end = ContinuousClock.now + .seconds(60)
        while true {
            // Looked at last of all, too: between two looks other tests may have had every thread for longer than the deadline.
            let isOver = !process.isRunning || ContinuousClock.now >= end
            // The script writes this file when the server answers.
            let values = Self.values(ofFile: folder + "/env")
            if !values.isEmpty { return LabScript(values: values, leash: leash.fileHandleForWriting) }
            if isOver { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        try? leash.fileHandleForWriting.close()
        throw NotUp(description: (try? String(contentsOfFile: output, encoding: .utf8)) ?? "it said nothing")
    }

    private static func values(ofFile path: String) -> [String: String] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equal = line.firstIndex(of: "=") else { continue }
            // As printf %q has them: in base64 and in paths only '=', '+' and '~' may be escaped.
            values[String(line[..<equal])] = String(line[line.index(after: equal)...]).replacing("\\", with: "")
        }
        return values
    }

    /// Takes the server down.
    func stop() { try? leash.close() }
}
