import Foundation
import Ports

/// Runs the command that makes a name server read its files again. No shell: words are words.
enum Reload {
    static func run(_ words: [String]) throws(Failure) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch {
            throw Failure(
                .configuration,
                "the reload command '\(words.joined(separator: " "))' can't be started: \(error.localizedDescription)")
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                .rejected, retryable: true,
                "the file was written, but '\(words.joined(separator: " "))' ended with \(process.terminationStatus): the server may not have read it"
            )
        }
    }
}
