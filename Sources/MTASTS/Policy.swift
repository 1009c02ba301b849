/// An MTA-STS policy (RFC 8461 §3.2).
package struct Policy: Hashable, Sendable {
    /// What senders do with it.
    package let mode: Mode
    /// Which hosts may take the domain's mail; may be empty only with mode none.
    package let mx: [MXPattern]
    /// How long it may be cached.
    package let maxAge: MaxAge
    /// Unknown keys in their order, as read; kept so that reading and writing lose nothing.
    package let extensions: [Extension]

    /// A key that RFC 8461 does not define.
    package struct Extension: Hashable, Sendable {
        package let key: String
        package let value: String

        /// One key with its value.
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A policy.
    package init(mode: Mode, mx: [MXPattern], maxAge: MaxAge, extensions: [Extension] = []) {
        self.mode = mode
        self.mx = mx
        self.maxAge = maxAge
        self.extensions = extensions
    }

    /// The canonical octets: CRLF, the order version, mode, mx, max_age (STS-18).
    package func serialized() -> [UInt8] {
        var lines = ["version: STSv1", "mode: \(mode.rawValue)"]
        lines += mx.map { "mx: \($0)" }
        lines.append("max_age: \(maxAge)")
        lines += extensions.map { "\($0.key): \($0.value)" }
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }
}

/// What is wrong with a policy body, and in which line (from 1; 0 where no line is to blame).
package struct PolicyDefect: Error, Hashable, Sendable {
    package let kind: Kind
    package let line: Int

    init(_ kind: Kind, line: Int) {
        self.kind = kind
        self.line = line
    }

    /// What can be wrong.
    package enum Kind: Hashable, Sendable {
        case encoding, emptyLine, noColon, badKey, badValue
        case version, mode, maxAge
        case mx(String)
        case missing(String)
    }
}

extension PolicyDefect: CustomStringConvertible {
    /// For people.
    package var description: String {
        let words =
            switch kind {
            case .encoding: "it is not UTF-8, or begins with a byte order mark"
            case .emptyLine: "an empty line"
            case .noColon: "a line without a colon"
            case .badKey: "a key is not 1 to 32 letters, digits, '_', '-' or '.'"
            case .badValue: "a value is empty or holds a control character"
            case .version: "the version is not 'STSv1'"
            case .mode: "the mode is none of enforce, testing, none"
            case .maxAge: "max_age is no number from 0 to 31557600"
            case .mx(let text): "'\(text)' is no mx pattern"
            case .missing(let key): "'\(key)' is missing"
            }
        return line > 0 ? "line \(line): \(words)" : words
    }
}
