import Foundation

/// A server written in Python, for behaviour that no real one has.
enum PythonServer {
    /// It ended before it said where it listens.
    struct DidNotStart: Error {}

    /// Runs `use` with the port that `script` prints; it ends with its standard input.
    static func with<Result>(
        _ script: String, _ arguments: [String], _ use: (Int) async throws -> Result
    ) async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        let (ports, continuation) = AsyncStream.makeStream(of: Int?.self)
        output.fileHandleForReading.readabilityHandler = { handle in
            let text = String(decoding: handle.availableData, as: UTF8.self)
            continuation.yield(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            handle.readabilityHandler = nil
        }
        try process.run()
        // Its standard input's end is its own.
        defer { try? input.fileHandleForWriting.close() }
        var iterator = ports.makeAsyncIterator()
        guard let answer = await iterator.next(), let port = answer else { throw DidNotStart() }
        return try await use(port)
    }
}
