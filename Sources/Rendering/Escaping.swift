/// One escaping function per output language: the only way in which a value from outside gets into an output.
package enum Escaping {
    /// For terminals and logs: control characters, bidirectional controls and line separators can steer neither screen nor reader.
    package static func terminal(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09: escaped.append(" ")
            case 0..<0x20, 0x7f...0x9f, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff:
                escaped.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// For Markdown: a code span, in which GitHub finds no mention, reference, link, HTML or emphasis. Its fence is longer than any
    /// run of backticks inside. Not for table cells, where `|` ends even a code span.
    package static func markdown(_ text: String) -> String {
        let shown = withoutLongRuns(of: "`", in: terminal(text))
        if shown.allSatisfy({ $0 == " " }) { return "" }
        let fence = String(repeating: "`", count: longestRun(of: "`", in: shown) + 1)
        // One blank on each side is taken away again (CommonMark 6.1); without it a backtick at the edge would join the fence.
        let isOpen = !["`", " "].contains { shown.hasPrefix($0) || shown.hasSuffix($0) }
        return isOpen ? fence + shown + fence : "\(fence) \(shown) \(fence)"
    }

    /// Lines as a fenced block of Markdown that none of them can close, since its fence is longer than any run inside.
    package static func markdown(block lines: [String], language: String) -> String {
        let shown = lines.map { withoutLongRuns(of: "~", in: terminal($0)) }
        let longest = shown.map { longestRun(of: "~", in: $0) }.max() ?? 0
        let fence = String(repeating: "~", count: max(3, longest + 1))
        return "\(fence)\(language)\n" + shown.map { $0 + "\n" }.joined() + fence + "\n"
    }

    private static func longestRun(of mark: Unicode.Scalar, in text: String) -> Int {
        var longest = 0
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar == mark ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// GitHub's parser takes no fence of more than 80 backticks: who writes as many sees them as escapes.
    private static func withoutLongRuns(of mark: Unicode.Scalar, in text: String) -> String {
        guard longestRun(of: mark, in: text) >= 32 else { return text }
        return text.unicodeScalars.map { $0 == mark ? "\\u{\(String(mark.value, radix: 16))}" : String($0) }.joined()
    }

    /// For the message of a GitHub workflow command.
    package static func workflowMessage(_ text: String) -> String {
        replace(lines(text), ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// For a property of a GitHub workflow command.
    package static func workflowProperty(_ text: String) -> String {
        replace(lines(text), ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    /// Line ends stay, other control characters show as escapes: the log that carries the command is a terminal too.
    private static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { terminal(String($0)) }.joined(
            separator: "\n")
    }

    private static func replace(_ text: String, _ table: [Unicode.Scalar: String]) -> String {
        text.unicodeScalars.map { table[$0] ?? String($0) }.joined()
    }
}
