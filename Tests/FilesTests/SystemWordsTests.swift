import Files
import Foundation
import Testing

/// Errors of Foundation reach people in the system's words.
@Suite struct SystemWordsTests {
    private func words(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return SystemWords.of(error) }
        return nil
    }

    @Test func `a failure of Foundation is told in the system's words, never in its own`() throws {
        let folder = NSTemporaryDirectory() + "certadns-words-" + UUID().uuidString
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: folder) }
        try Data().write(to: URL(fileURLWithPath: folder + "/file"))
        #expect(words { _ = try manager.contentsOfDirectory(atPath: folder + "/no") } == "No such file or directory")
        #expect(words { _ = try manager.contentsOfDirectory(atPath: folder + "/file") } == "Not a directory")
        #expect(
            words { try Data().write(to: URL(fileURLWithPath: folder + "/no/x"), options: .atomic) }
                == "No such file or directory")
        #expect(
            words { try manager.copyItem(atPath: folder + "/no", toPath: folder + "/x") }
                == "No such file or directory")
        let below = words {
            try manager.createDirectory(atPath: folder + "/file/x", withIntermediateDirectories: true)
        }
        #expect(below == "Not a directory" || below == "File exists")
    }

    @Test func `what has no cause in the system says so`() {
        #expect(SystemWords.of(NSError(domain: "Internal", code: 7)) == "the system gives no reason")
        #expect(SystemWords.of(CocoaError(.fileWriteVolumeReadOnly)) == "Read-only file system")
    }
}
