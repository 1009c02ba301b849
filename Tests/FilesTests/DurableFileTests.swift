import Files
import Foundation
import Testing

/// What every writer of files relies on.
@Suite struct DurableFileTests {
    private let folder = NSTemporaryDirectory() + "certadns-files-" + UUID().uuidString
    private var path: String { folder + "/file" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
    private func mode() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `a file is made and replaced with its mode, whatever the umask, and nothing else is left`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DurableFile.write("one".utf8, to: path, mode: 0o666)
        #expect(try mode() == 0o666)
        try DurableFile.write("two".utf8, to: path, mode: 0o600)
        #expect(try text(path) == "two" && mode() == 0o600)
        #expect(try names() == ["file"])
    }

    @Test func `the first to create a file counts`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try DurableFile.create("one".utf8, at: path, mode: 0o600))
        #expect(try !DurableFile.create("two".utf8, at: path, mode: 0o600))
        #expect(try text(path) == "one")
        #expect(try names() == ["file"])
    }

    @Test func `what was written under another name takes its own once, and the other one is gone`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (text, isNew) in [("one", true), ("two", false)] {
            let descriptor = open(path + ".new", O_WRONLY | O_CREAT | O_EXCL, 0o600)
            #expect(write(descriptor, text, 3) == 3)
            #expect(try DurableFile.settle(descriptor, from: path + ".new", as: path) == isNew)
            close(descriptor)
            #expect(try names() == ["file"])
        }
        #expect(try text(path) == "one")
        #expect(throws: FileError.self) { try DurableFile.settle(-1, from: path + ".new", as: path) }
    }

    @Test func `removing twice is removing once`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DurableFile.write("one".utf8, to: path, mode: 0o600)
        try DurableFile.remove(path)
        try DurableFile.remove(path)
        #expect(try names() == [])
    }

    @Test func `a link in the file's place is replaced, and what it leads to stays`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("other".utf8).write(to: URL(fileURLWithPath: folder + "/other"))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/other")
        try DurableFile.write("one".utf8, to: path, mode: 0o600)
        #expect(try text(folder + "/other") == "other" && text(path) == "one")
    }

    @Test func `what can't be written leaves the old file and says why`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: FileError.self) { try DurableFile.write("one".utf8, to: folder + "/no/file", mode: 0o600) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        do {
            try DurableFile.write("one".utf8, to: path, mode: 0o600)
            Issue.record("a folder was replaced by a file")
        } catch { #expect("\(error)" == "Is a directory" && error.path == path) }
        #expect(try names() == ["file"], "no temporary file is left")
    }
}
