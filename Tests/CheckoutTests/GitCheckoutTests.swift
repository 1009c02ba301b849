import Checkout
import Foundation
import Testing

/// What git's own program says of a real repository.
@Suite struct GitCheckoutTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "certadns-git-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/zones", withIntermediateDirectories: true)
    }

    @discardableResult private func git(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "git \(arguments.joined(separator: " "))")
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `a folder below the top of a checkout has its commit`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try git("init", "-q")
        #expect(await GitCheckout(folder: folder + "/zones").commit() == nil, "there is no commit yet")
        for text in ["one", "two"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/zones/a.yaml"))
            try git("add", ".")
            try git("commit", "-q", "-m", text)
            let head = try git("rev-parse", "HEAD")
            #expect(head.count >= 40)
            #expect(await GitCheckout(folder: folder + "/zones").commit() == head)
        }
    }

    @Test func `outside of a checkout there is no commit`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(await GitCheckout(folder: folder).commit() == nil)
        #expect(await GitCheckout(folder: folder + "/missing").commit() == nil)
        #expect(await GitCheckout(folder: "--version").commit() == nil, "a folder is no option")
    }
}
