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
        case .exited(0, _): return
        // What env(1) says of a command that it can't find or run.
        case .exited(127, let words):
            throw Defect(retryable: false, why: "the command '\(command)' was not found\(words)")
        case .exited(126, let words):
            throw Defect(retryable: false, why: "the command '\(command)' may not be run\(words)")
        case .exited(let status, let words):
            throw Defect(retryable: true, why: "'\(command)' ended with \(status)\(words)")
        case .killed: throw Defect(retryable: true, why: "'\(command)' did not end within \(seconds) s")
        case .notStarted(let why):
            throw Defect(retryable: true, why: "the command '\(command)' can't be started: \(why)")
        }
    }

    private enum End {
        case exited(Int32, complaint: String)
        case killed
        case notStarted(String)
    }

    private static func ended(_ words: [String]) async -> End {
        await withCheckedContinuation { continuation in
            // Blocks a thread, which Dispatch has to spare; the pool of tasks has not.
            DispatchQueue.global().async {
                let child: ChildProcess
                let complaints = Complaints()
                do throws(ChildProcess.NotStarted) {
                    child = try ChildProcess(running: ["/usr/bin/env"] + words, complaints: complaints?.descriptor)
                } catch {
                    continuation.resume(returning: .notStarted(String(cString: strerror(error.code))))
                    return
                }
                let status = child.wait(until: .now() + .seconds(seconds))
                continuation.resume(
                    returning: status.map { .exited($0, complaint: complaints?.last() ?? "") } ?? .killed)
            }
        }
    }
}
