import Foundation

/// A foreign program, run to its end without blocking a thread of ours.
package enum Tool {
    /// How it ended.
    package struct Outcome: Sendable {
        /// As the shell has it.
        package var status: Int32
        /// What it wrote to its standard output.
        package var output: String
        /// What it wrote to its standard error.
        package var errors: String
    }

    /// Runs `program` with `input`; the input stays open unless it is closed, so that the other side has to end.
    package static func run(
        _ program: String, _ arguments: [String], input: String = "", keepsInputOpen: Bool = false
    ) async throws -> Outcome {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (out, err) = (folder + "/out", folder + "/err")
        for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                continuation.resume(throwing: error)
                return
            }
            // A program that has already ended reads nothing; its status says so.
            try? pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            if !keepsInputOpen { try? pipe.fileHandleForWriting.close() }
        }
        return Outcome(status: status, output: try read(out), errors: try read(err))
    }

    /// A new folder for one test, which removes it.
    package static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "certadns-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
