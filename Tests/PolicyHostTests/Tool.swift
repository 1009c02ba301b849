import Foundation

/// A foreign program, run to its end without blocking a thread of ours.
enum Tool {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs `program` with `input`; the input stays open unless it is closed, so that the other side has to end.
    static func run(
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
            do {
                try process.run()
                try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                if !keepsInputOpen { try pipe.fileHandleForWriting.close() }
            } catch {
                process.terminationHandler = nil
                if process.isRunning { process.terminate() }
                continuation.resume(throwing: error)
            }
        }
        return Outcome(status: status, output: try read(out), errors: try read(err))
    }

    static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "certadns-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
