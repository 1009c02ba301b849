import Foundation
package import Testing

/// Compares a whole output with a committed file. Only `make golden` writes one: a missing file fails the test.
package func expectGolden(
    _ text: String, _ name: String, file: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) {
    let path = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
    noteRead(path)
    let isRecording = ProcessInfo.processInfo.environment["CERTADNS_RECORD_GOLDEN"] != nil
    let known = try? String(contentsOf: path, encoding: .utf8)
    if known == text { return }
    if isRecording {
        try? FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? Data(text.utf8).write(to: path)
        return
    }
    guard let known else {
        Issue.record(
            "the golden file \(name) is missing; run 'make golden', look at it and commit it",
            sourceLocation: sourceLocation)
        return
    }
    Issue.record(
        "\(name) differs; run 'make golden' and look at the difference:\n\(difference(known, text))",
        sourceLocation: sourceLocation)
}

/// Tests/Lab/golden-unread.sh compares this log with the files that are there.
private func noteRead(_ path: URL) {
    guard let log = ProcessInfo.processInfo.environment["CERTADNS_GOLDEN_LOG"] else { return }
    let descriptor = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    let line = Array((path.path + "\n").utf8)
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
}

/// The first lines that differ.
private func difference(_ old: String, _ new: String) -> String {
    let left = old.split(separator: "\n", omittingEmptySubsequences: false)
    let right = new.split(separator: "\n", omittingEmptySubsequences: false)
    var lines: [String] = []
    for index in 0..<max(left.count, right.count) where lines.count < 20 {
        let a = index < left.count ? String(left[index]) : nil
        let b = index < right.count ? String(right[index]) : nil
        if a == b { continue }
        if let a { lines.append("\(index + 1) - \(a)") }
        if let b { lines.append("\(index + 1) + \(b)") }
    }
    return lines.joined(separator: "\n")
}
