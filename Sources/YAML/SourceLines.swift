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

    /// A line's text as places show it; `nil` where it may hold a secret.
    func source(_ line: Int) -> String? {
        guard lines.indices.contains(line), !isSecret[line] else { return nil }
        var text = Substring(lines[line])
        if text.hasSuffix("\r") { text.removeLast() }
        // A line that fills screens helps nobody.
        return String(text.prefix(400))
    }

    /// The first octet that is no UTF-8, or a character that would be read differently by a program or a person.
    ///
    /// After this, lines end at line feeds alone, as ``source(_:)`` and libyaml count them.
    func encodingDefect(_ octets: [UInt8]) -> Finding? {
        // Most manifests are plain ASCII, and a fleet has thousands.
        if octets.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a || $0 == 0x09 }) { return nil }
        var line = 0
        var column = 0
        var index = 0
        while index < octets.count {
            let first = octets[index]
            let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            guard let character = Self.scalar(octets[index..<min(index + length, octets.count)], length) else {
                return finding(
                    "an octet here (\(String(first, radix: 16))) is no UTF-8", "save the file as UTF-8", line, column)
            }
            let next = index + length < octets.count ? octets[index + length] : nil
            if let (message, action) = Self.defect(of: character, before: next, atStart: index == 0) {
                return finding(message, action, line, column)
            }
            column = first == 0x0a ? 0 : column + 1
            line += first == 0x0a ? 1 : 0
            index += length
        }
        return nil
    }

    private static func scalar(_ piece: ArraySlice<UInt8>, _ length: Int) -> Unicode.Scalar? {
        guard let first = piece.first, piece.count == length else { return nil }
        if first < 0x80 { return Unicode.Scalar(first) }
        guard let text = String(validating: piece, as: UTF8.self), text.unicodeScalars.count == 1 else { return nil }
        return text.unicodeScalars.first
    }

    private static func defect(
        of scalar: Unicode.Scalar, before next: UInt8?, atStart: Bool
    ) -> (message: String, action: String)? {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        switch scalar.value {
        case 0x0a, 0x09: return nil
        case 0x0d:
            return next == 0x0a
                ? nil : ("a carriage return stands here without a line feed", "end lines with a line feed")
        case 0x85, 0x2028, 0x2029:
            return ("a line break that few programs know (\(code)) stands here", "end the line with a line feed")
        case 0..<0x20, 0x7f...0x9f: return ("a control character (\(code)) stands here", "remove it")
        case 0xfeff where atStart:
            return ("the file begins with a byte order mark (\(code))", "save it as UTF-8 without one")
        case 0xfeff, 0xfffe, 0xffff: return ("\(code) stands here, which is no character of a text", "remove it")
        default: return nil
        }
    }

    /// YAML forbids tabs in indentation, and editors show them as any width elsewhere: there are none.
    func tabDefect() -> Finding? {
        for (number, line) in lines.enumerated() {
            guard let tab = line.firstIndex(of: 0x09) else { continue }
            let indents = line[..<tab].allSatisfy { $0 == 0x20 } && line[tab...].contains { $0 > 0x20 }
            let column = Substring(line[..<tab]).unicodeScalars.count
            return Finding(
                .error, .yamlSyntax,
                indents ? "a tab indents this line, and YAML wants spaces" : "a tab stands here, and spaces are wanted",
                action: indents ? "replace the tab by spaces" : "replace the tab by spaces, or by \\t in quotes",
                at: place(line: number, column: column))
        }
        return nil
    }

    private func finding(_ message: String, _ action: String, _ line: Int, _ column: Int) -> Finding {
        Finding(.error, .yamlEncoding, message, action: action, at: place(line: line, column: column))
    }
}
