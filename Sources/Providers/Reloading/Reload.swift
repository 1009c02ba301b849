import Dispatch
import Foundation
import Ports

/// Runs the command that makes a name server read its files again. No shell: words are words.
enum Reload {
    /// How long it may take.
    private static let seconds = 60

    /// Why a server was not brought to read its files.
    struct Defect: Error {
        /// Whether the same command may succeed soon.
        let retryable: Bool
        let why: String

        /// The port's failure for the file at `path`. Whatever went wrong, the file is written: `.unfinished`, nothing else.
        func failure(of path: String) -> Failure {
            Failure(
                .unfinished, retryable: retryable,
                "'\(path)' was written, but not reloaded: \(why). The server may not have read it; the next apply reloads it"
            )
        }
    }

    /// Runs the command and waits for its end.
    static func run(_ words: [String]) async throws(Defect) {
        let command = words.joined(separator: " ")
        switch await ended(words) {
        case .exited(0): return
        // What env(1) says of a command that it can't find or run.
        case .exited(127): throw Defect(retryable: false, why: "the command '\(command)' was not found")
        case .exited(126): throw Defect(retryable: false, why: "the command '\(command)' may not be run")
        case .exited(let status): throw Defect(retryable: true, why: "'\(command)' ended with \(status)")
        case .killed: throw Defect(retryable: true, why: "'\(command)' did not end within \(seconds) s")
        case .notStarted(let why):
            throw Defect(retryable: true, why: "the command '\(command)' can't be started: \(why)")
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
