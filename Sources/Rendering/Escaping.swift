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

    /// For Markdown text: nothing in it can mention, link, format, quote or close anything.
    package static func markdown(_ text: String) -> String {
        var escaped = ""
        for character in terminal(text) {
            switch character {
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "-", "!", "|", "~", ".", ":", "/":
                escaped += "&#\(character.unicodeScalars.first?.value ?? 0);"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "@": escaped += "&#64;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// For a line inside a Markdown fence of ``fence``: it can't close the fence.
    package static func fenced(_ text: String) -> String { terminal(text).replacing("~~~", with: "~~ ~") }

    /// The fence that ``fenced(_:)`` is made for.
    package static let fence = "~~~~~~"

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
