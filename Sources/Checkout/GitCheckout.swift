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

    /// Whether history was cut off; `nil` where git does not say.
    func isShallow() async -> Bool? {
        switch await output(of: ["rev-parse", "--is-shallow-repository"])?.prefix(5) {
        case "true\n": true
        case "false": false
        default: nil
        }
    }

    /// Whether git knows a way from `descendant` back to `ancestor`; `nil` where one of them is unknown here, or git fails.
    func leads(from descendant: String, to ancestor: String) async -> Bool? {
        // What a hash in a ledger says is no option and no revision of another kind.
        guard [descendant, ancestor].allSatisfy({ $0.count >= 40 && $0.allSatisfy(\.isHexDigit) }) else { return nil }
        switch await run(["merge-base", "--is-ancestor", ancestor, descendant])?.status {
        case 0: return true
        case 1: return false
        default: return nil
        }
    }

    /// What git prints; `nil` when it fails.
    private func output(of arguments: [String]) async -> String? {
        guard let ended = await run(arguments), ended.status == 0 else { return nil }
        return ended.output
    }

    /// How git ends, and what it prints as far as a pipe holds it without a reader; `nil` where it can't be run.
    private func run(_ arguments: [String]) async -> (status: Int32, output: String)? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "--no-replace-objects", "-C", folder] + arguments
        // A commit that a partial clone lacks is not fetched: reading asks nobody.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"]
        ) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        return await withCheckedContinuation { continuation in
            // Not waitUntilExit: that looks only twenty times a second, and a plan is faster.
            process.terminationHandler = { ended in
                let data = try? output.fileHandleForReading.read(upToCount: 4_096)
                // At once: the deadline below keeps the process, and so the pipe, for seconds.
                try? output.fileHandleForReading.close()
                let status = ended.terminationReason == .exit ? ended.terminationStatus : -1
                continuation.resume(returning: (status, String(decoding: data ?? Data(), as: UTF8.self)))
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
