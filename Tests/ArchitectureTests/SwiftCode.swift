/// Swift text without what a reader skips: comments and the words of string literals. Code inside interpolations stays.
enum SwiftCode {
    static func stripped(_ text: String) -> String {
        var scanner = Scanner(Array(text.unicodeScalars))
        scanner.code(until: nil)
        return String(String.UnicodeScalarView(scanner.kept))
    }

    private struct Scanner {
        private let text: [Unicode.Scalar]
        private var at = 0
        private(set) var kept: [Unicode.Scalar] = []

        init(_ text: [Unicode.Scalar]) { self.text = text }

        private func stands(_ word: String) -> Bool { text[at...].starts(with: word.unicodeScalars) }

        /// Keeps code up to the end, or up to the parenthesis that closes an interpolation.
        mutating func code(until end: Unicode.Scalar?) {
            var depth = 0
            while at < text.count {
                if stands("//") {
                    while at < text.count, text[at] != "\n" { at += 1 }
                } else if stands("/*") {
                    comment()
                } else if text[at] == "\"" || text[at] == "#" {
                    literal()
                } else {
                    if text[at] == "(" { depth += 1 }
                    if text[at] == ")" {
                        if depth == 0, end != nil { return }
                        depth -= 1
                    }
                    kept.append(text[at])
                    at += 1
                }
            }
        }

        private mutating func comment() {
            var depth = 0
            repeat {
                if stands("/*") { depth += 1 } else if stands("*/") { depth -= 1 }
                at += stands("/*") || stands("*/") ? 2 : 1
            } while depth > 0 && at < text.count
        }

        /// A string literal, or a `#` that begins none.
        private mutating func literal() {
            let hashes = String(repeating: "#", count: text[at...].prefix { $0 == "#" }.count)
            guard text[(at + hashes.count)...].first == "\"" else {
                kept.append(text[at])
                at += 1
                return
            }
            at += hashes.count
            let quotes = stands("\"\"\"") ? "\"\"\"" : "\""
            at += quotes.count
            kept.append("\"")
            while at < text.count, !stands(quotes + hashes) {
                if stands("\\" + hashes + "(") {
                    at += 2 + hashes.count
                    kept.append("(")
                    code(until: ")")
                    kept.append(")")
                    at += 1
                } else {
                    at += stands("\\" + hashes) ? 2 + hashes.count : 1
                }
            }
            at += quotes.count + hashes.count
            kept.append("\"")
        }
    }
}
