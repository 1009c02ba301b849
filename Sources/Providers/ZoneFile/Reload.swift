import Dispatch
import Foundation
import Ports

/// Runs the command that makes a name server read its files again. No shell: words are words.
enum Reload {
    /// How long it may take.
    private static let seconds = 60

    static func run(_ words: [String]) async throws(Failure) {
        let command = words.joined(separator: " ")
        switch await ended(words) {
        case .exited(0): return
        case .exited(let status):
            throw Failure(
                .rejected, retryable: true,
                "the file was written, but '\(command)' ended with \(status): the server may not have read it")
        case .killed:
            throw Failure(
                .timedOut, retryable: true,
                "the file was written, but '\(command)' did not end within \(seconds) s: the server may not have read it"
            )
        case .notStarted(let why):
            throw Failure(.configuration, "the reload command '\(command)' can't be started: \(why)")
        }
    }

    private enum End {
        case exited(Int32)
        case killed
        case notStarted(String)
    }

    private static func ended(_ words: [String]) async -> End {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return await withCheckedContinuation { continuation in
            process.terminationHandler = { ended in
                let isExit = ended.terminationReason == .exit
                continuation.resume(returning: isExit ? .exited(ended.terminationStatus) : .killed)
            }
            do { try process.run() } catch {
                continuation.resume(returning: .notStarted(error.localizedDescription))
                return
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) {
                // Not TERM: a child inherits the signals that our threads block.
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
        }
    }
}
