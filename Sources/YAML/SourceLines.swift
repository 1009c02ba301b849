import Findings

/// The lines of a file, for places that show them. The one place that decides which lines are shown at all: what it leaves out is
/// in no finding, whatever the finding is about and however it is printed.
struct SourceLines: Sendable {
    let file: String
    private let lines: [Substring.UTF8View.SubSequence]
    private let text: String
    private let isSecret: [Bool]

    init(_ octets: [UInt8], file: String) {
        self.file = file
        text = String(decoding: octets, as: UTF8.self)
        lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { $0 }
        isSecret = SecretLines.judge(lines)
    }

    /// A place by line and column from 0, as libyaml counts them.
    func place(line: Int, column: Int, length: Int = 1) -> Place {
        Place(file: file, line: line + 1, column: column + 1, length: length, source: source(line))
    }

    private func source(_ line: Int) -> String? {
        guard lines.indices.contains(line), !isSecret[line] else { return nil }
        var text = Substring(lines[line])
        if text.hasSuffix("\r") { text.removeLast() }
        // A line that fills screens helps nobody.
        return String(text.prefix(400))
    }

    /// The first octet that is no UTF-8, or a character that YAML does not allow.
    func encodingDefect(_ octets: [UInt8]) -> Finding? {
        // Most manifests are plain ASCII, and a fleet has thousands.
        if octets.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) { return nil }
        var line = 0
        var column = 0
        var rest = octets[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            let piece = rest.prefix(length)
            guard piece.count == length, let character = String(validating: piece, as: UTF8.self),
                character.unicodeScalars.count == 1
            else {
                return finding(
                    "an octet here (\(String(first, radix: 16))) is no UTF-8", "save the file as UTF-8", line, column)
            }
            if first < 0x20, first != 0x0a, first != 0x0d, first != 0x09 {
                return finding("a control character stands here", "remove it", line, column)
            }
            column = first == 0x0a ? 0 : column + 1
            line += first == 0x0a ? 1 : 0
            rest = rest.dropFirst(length)
        }
        return nil
    }

    /// YAML forbids tabs in indentation; saying so beats libyaml's words.
    func tabDefect() -> Finding? {
        for (number, line) in lines.enumerated() {
            guard let tab = line.firstIndex(of: 0x09), line[..<tab].allSatisfy({ $0 == 0x20 }),
                line.contains(where: { $0 > 0x20 })
            else { continue }
            let column = line.distance(from: line.startIndex, to: tab)
            return Finding(
                .error, .yamlSyntax, "a tab indents this line, and YAML wants spaces",
                action: "replace the tab by spaces",
                at: place(line: number, column: column))
        }
        return nil
    }

    private func finding(_ message: String, _ action: String, _ line: Int, _ column: Int) -> Finding {
        Finding(
            .error, .yamlEncoding, message, action: action, at: Place(file: file, line: line + 1, column: column + 1))
    }
}
