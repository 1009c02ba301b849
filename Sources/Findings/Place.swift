/// Where something stands in a file. Lines and columns count from 1, columns in characters.
package struct Place: Hashable, Sendable, Codable, Comparable {
    /// The file's path as the user named it.
    package let file: String
    /// The line, from 1.
    package let line: Int
    /// The column in characters, from 1.
    package let column: Int
    /// How many characters the caret should underline, at least 1.
    package let length: Int
    /// The text of the line, without its end, for the reader; `nil` where it can't or must not be shown: it
    /// may hold a secret.
    package let source: String?

    /// A place in a file.
    package init(file: String, line: Int, column: Int, length: Int = 1, source: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.length = max(1, length)
        self.source = source
    }

    /// By file, line and column: the order in which a person reads.
    package static func < (a: Place, b: Place) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}

extension Place: CustomStringConvertible {
    /// `file:line:column`.
    package var description: String { "\(file):\(line):\(column)" }
}
