import Dispatch
import Foundation

/// What git says of the manifests' folder. Asks git's own program, bounded in time and output.
package struct GitCheckout: Sendable {
    private let folder: String

    /// How long git may take.
    private static let deadline = DispatchTimeInterval.seconds(10)

    /// The checkout that `folder` lies in, if it lies in one.
    package init(folder: String) { self.folder = folder }

    /// The commit checked out; `nil` where there is no git, no repository or no commit.
    package func commit() async -> String? {
        guard let output = await output(of: ["rev-parse", "--verify", "--quiet", "HEAD"]) else { return nil }
        let commit = output.prefix { $0.isHexDigit }
        return commit.count >= 40 ? String(commit) : nil
    }

    /// What git prints, as far as a pipe holds it without a reader; `nil` when it fails.
    private func output(of arguments: [String]) async -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        return await withCheckedContinuation { continuation in
            // Not waitUntilExit: that looks only twenty times a second, and a plan is faster.
            process.terminationHandler = { ended in
                let data = ended.terminationStatus == 0 ? try? output.fileHandleForReading.read(upToCount: 4_096) : nil
                // At once: the deadline below keeps the process, and so the pipe, for seconds.
                try? output.fileHandleForReading.close()
                continuation.resume(returning: data.map { String(decoding: $0, as: UTF8.self) })
            }
            do { try process.run() } catch {
                try? output.fileHandleForReading.close()
                continuation.resume(returning: nil)
                return
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.deadline) {
                // Not TERM: a child inherits the signals that our threads block.
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
        }
    }
}
