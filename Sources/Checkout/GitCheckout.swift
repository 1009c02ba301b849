import Foundation

/// What git says of the manifests' folder. Asks git's own program, bounded in time and output.
package struct GitCheckout: Sendable {
    private let folder: String

    /// The checkout that `folder` lies in, if it lies in one.
    package init(folder: String) { self.folder = folder }

    /// The commit checked out; `nil` where there is no git, no repository or no commit.
    package func commit() -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder, "rev-parse", "--verify", "--quiet", "HEAD"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = (try? output.fileHandleForReading.read(upToCount: 200)) ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        let commit = String(decoding: data, as: UTF8.self).prefix { $0.isHexDigit }
        return commit.count >= 40 ? String(commit) : nil
    }
}
