import Checkout
import Foundation
import Planning
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

    private func git(in folder: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "git \(arguments.joined(separator: " "))")
    }

    private func commit(_ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/zones/a.yaml"))
        try git("add", ".")
        try git("commit", "-q", "-m", text)
        return try git("rev-parse", "HEAD")
    }

    private func standing(_ folder: String, to commit: String) async -> SourceStanding {
        let checkout = GitCheckout(folder: folder + "/zones")
        return await GitHistory(checkout, head: await checkout.commit()).standing(to: commit)
    }

    @Test func `git tells an older commit from a newer one, and a shallow clone tells neither`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try git("init", "-q")
        let first = try commit("one")
        let second = try commit("two")
        let third = try commit("three")
        #expect(await standing(folder, to: first) == .newer)
        #expect(await standing(folder, to: third) == .same)
        let clone = folder + "/clone"
        try git(in: folder, "clone", "-q", "--depth", "1", "file://" + folder, clone)
        guard case .untold(let why, let remedy) = await standing(clone, to: second) else {
            Issue.record("a shallow clone knows what it lacks")
            return
        }
        #expect(why.contains("shallow") && remedy.contains("fetch-depth: 0"))
        // The commit is there, and the way to it is not.
        try git(in: clone, "fetch", "-q", "--depth", "1", "origin", first)
        guard case .untold = await standing(clone, to: first) else {
            Issue.record("a way that was cut off is told as none")
            return
        }
        try git("checkout", "-q", first)
        #expect(await standing(folder, to: third) == .older)
        try git("checkout", "-q", "--orphan", "rewritten")
        _ = try commit("other")
        guard case .untold(let why, _) = await standing(folder, to: third) else {
            Issue.record("rewritten history is told")
            return
        }
        #expect(why.contains("neither descends"))
        guard case .untold(let why, _) = await standing(folder, to: String(repeating: "0", count: 40)) else {
            Issue.record("a commit that nobody has is told")
            return
        }
        #expect(why.contains("does not know"))
        guard case .untold = await standing(folder, to: "--help") else {
            Issue.record("an option is a commit")
            return
        }
    }

    @Test func `without git nothing is told, and a commit is asked for once`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard case .untold(let why, _) = await standing(folder, to: String(repeating: "0", count: 40)) else {
            Issue.record("it is told")
            return
        }
        #expect(why.contains("no checkout of git"))
        try git("init", "-q")
        let first = try commit("one")
        let second = try commit("two")
        let history = GitHistory(GitCheckout(folder: folder), head: second)
        #expect(await history.standing(to: first) == .newer)
        try FileManager.default.removeItem(atPath: folder + "/.git")
        #expect(await history.standing(to: first) == .newer)
    }

    @Test func `a git that does not answer is no shallow clone`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try git("init", "-q")
        let first = try commit("one")
        let checkout = GitCheckout(folder: folder)
        let history = GitHistory(checkout, head: first)
        try FileManager.default.removeItem(atPath: folder + "/.git")
        guard case .untold(let why, _) = await history.standing(to: String(repeating: "0", count: 40)) else {
            Issue.record("it is told")
            return
        }
        #expect(why.contains("did not say"), "\(why)")
    }
}
