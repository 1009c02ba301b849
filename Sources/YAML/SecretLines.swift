import Findings

/// Finds the lines of a file that may hold a secret, by the words on them alone: a file that is no valid YAML has no keys yet,
/// and a misspelt `secrt:` holds a secret all the same.
///
/// A line counts when a word on it is, holds or nearly is `secret`, `token` or `password`, or is the key `key`. So do the lines
/// after it until the next key that stands no deeper: a value may go on there. A line too many costs its reader a look into the
/// file; a line too few puts a secret into a log.
enum SecretLines {
    /// Whether a secret may stand on each of `lines`.
    static func judge<Line: Collection<UInt8>>(_ lines: [Line]) -> [Bool] {
        var open: Int?
        return lines.map { line in
            if mayHold(line) {
                open = min(open ?? .max, depth(line))
                return true
            }
            if let depth = open, !beginsKey(line, atMost: depth) { return true }
            open = nil
            return false
        }
    }

    private static func depth(_ line: some Collection<UInt8>) -> Int { line.prefix { $0 == 0x20 }.count }

    /// Whether the line begins with `word:`, quoted or behind a dash or not, at most `limit` deep.
    private static func beginsKey(_ line: some Collection<UInt8>, atMost limit: Int) -> Bool {
        var rest = line.drop { $0 == 0x20 }
        guard line.count - rest.count <= limit else { return false }
        while let first = rest.first, first == 0x2d || first == 0x20 { rest = rest.dropFirst() }
        let isQuoted = rest.first == 0x22 || rest.first == 0x27
        if isQuoted { rest = rest.dropFirst() }
        let word = rest.prefix(while: isWord)
        rest = rest.dropFirst(word.count)
        if isQuoted, rest.first == 0x22 || rest.first == 0x27 { rest = rest.dropFirst() }
        return !word.isEmpty && rest.first == 0x3a && rest.dropFirst().allSatisfy { $0 == 0x20 || $0 == 0x0d }
            || !word.isEmpty && rest.first == 0x3a && rest.dropFirst().first == 0x20
    }

    private static func mayHold(_ line: some Collection<UInt8>) -> Bool {
        var rest = line[...]
        while true {
            rest = rest.drop { !isWord($0) }
            guard !rest.isEmpty else { return false }
            let word = rest.prefix(while: isWord)
            rest = rest.dropFirst(word.count)
            if isSecretive(word) || isKey(word, before: rest) { return true }
        }
    }

    private static func isWord(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7a).contains(octet | 0x20) || octet == 0x5f || octet == 0x2d
            || octet >= 0x80
    }

    /// `key:`, below which a TSIG key stands; other words spelt so are no reason to hide a line.
    private static func isKey(_ word: some Collection<UInt8>, before rest: some Collection<UInt8>) -> Bool {
        guard word.count == 3, word.lazy.map({ $0 | 0x20 }).elementsEqual("key".utf8) else { return false }
        return rest.drop { $0 == 0x20 || $0 == 0x22 || $0 == 0x27 }.first == 0x3a
    }

    private static let names = ["secret", "token", "password"].map {
        (text: $0, length: $0.utf8.count, letters: letters($0.utf8))
    }
    private static let passw = letters("passw".utf8)

    private static func isSecretive(_ word: some Collection<UInt8>) -> Bool {
        let mask = letters(word)
        let length = word.count
        // A fleet has thousands of files: most words lack the letters or the length and are not looked at more closely.
        func text() -> String { String(decoding: word.prefix(200), as: UTF8.self).lowercased() }
        for name in names {
            let missing = (name.letters & ~mask).nonzeroBitCount
            if missing == 0, length >= name.length, text().contains(name.text) { return true }
            guard missing <= 2, abs(length - name.length) <= 2 else { continue }
            if Spelling.nearest(to: text(), among: [name.text]) != nil { return true }
        }
        return passw & ~mask == 0 && text().contains("passw")
    }

    /// The set of the word's letters, case apart.
    private static func letters(_ word: some Collection<UInt8>) -> UInt32 {
        word.reduce(into: 0) { set, octet in
            if (0x61...0x7a).contains(octet | 0x20) { set |= 1 << UInt32((octet | 0x20) - 0x61) }
        }
    }
}
