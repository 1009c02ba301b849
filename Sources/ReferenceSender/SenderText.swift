/// What a sender reads, by the text of RFC 8461 alone: nothing here is shared with what publishes, so that a mistake there is not made
/// twice.
package enum SenderText {
    /// The id that a TXT record set announces (RFC 8461 §3.1); `nil` where there is no usable record, or more than one.
    ///
    /// `records` are the joined strings of each record.
    package static func id(in records: [[UInt8]]) -> String? {
        let prefix = Array("v=STSv1;".utf8)
        let candidates = records.filter { $0.starts(with: prefix) }
        guard candidates.count == 1, let record = candidates.first else { return nil }
        var fields = split(record, at: ";").map(trimmed)
        // One delimiter may end the record.
        if fields.count > 1, fields.last == [] { fields.removeLast() }
        guard fields.first == Array("v=STSv1".utf8), fields.count > 1 else { return nil }
        var id: String?
        for field in fields.dropFirst() {
            let parts = split(field, at: "=")
            guard parts.count == 2 else { return nil }
            if parts[0] == Array("id".utf8) {
                guard (1...32).contains(parts[1].count), parts[1].allSatisfy(isAlphanumeric) else { return nil }
                if id == nil { id = text(parts[1]) }
            } else {
                guard isName(parts[0]), !parts[1].isEmpty,
                    parts[1].allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x3b && $0 != 0x3d })
                else { return nil }
            }
        }
        return id
    }

    /// A policy as a sender keeps it (RFC 8461 §3.2).
    package struct Policy: Hashable, Sendable {
        /// `enforce`, `testing` or `none`.
        package let mode: String
        /// The patterns in lower case.
        package let mx: [String]
        /// Seconds.
        package let maxAge: Int64
    }

    /// Reads a policy body; `nil` where the grammar does not allow it.
    package static func policy(_ body: [UInt8]) -> Policy? {
        var lines = body.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            line.last == 0x0d ? Array(line.dropLast()) : Array(line)
        }
        if lines.last == [] { lines.removeLast() }
        var single: [String: String] = [:]
        var mx: [String] = []
        for line in lines {
            guard let colon = line.firstIndex(of: 0x3a) else { return nil }
            let key = Array(line[..<colon])
            let value = trimmed(Array(line[(colon + 1)...]))
            guard isName(key), !value.isEmpty, value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
                String(validating: value, as: UTF8.self) != nil
            else { return nil }
            if text(key) == "mx" {
                guard isPattern(text(value)) else { return nil }
                mx.append(text(value).lowercased())
            } else if single[text(key)] == nil {
                single[text(key)] = text(value)
            }
        }
        guard single["version"] == "STSv1", let mode = single["mode"], ["enforce", "testing", "none"].contains(mode),
            let age = single["max_age"], (1...10).contains(age.utf8.count),
            age.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int64(age), seconds <= 31_557_600,
            !mx.isEmpty || mode == "none"
        else { return nil }
        return Policy(mode: mode, mx: mx, maxAge: seconds)
    }

    /// Whether mail may go to `host` by `pattern` (RFC 8461 §4.1): a wildcard stands for exactly one label.
    package static func matches(_ pattern: String, _ host: String) -> Bool {
        let host = labels(host)
        let pattern = labels(pattern)
        guard !host.contains(where: { $0.isEmpty || $0.contains("*") }) else { return false }
        if pattern.first == "*" { return host.count == pattern.count && host.dropFirst() == pattern.dropFirst() }
        return host == pattern
    }

    private static func labels(_ name: String) -> [Substring] {
        let name = name.lowercased()
        return (name.hasSuffix(".") ? name.dropLast() : name[...]).split(
            separator: ".", omittingEmptySubsequences: false)
    }

    /// RFC 5321 Domain, or `*.` before one.
    private static func isPattern(_ text: String) -> Bool {
        let host = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        return !host.isEmpty && host.utf8.count <= 253
            && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2d }
            }
    }

    /// sts-ext-name: a letter or digit, then up to 31 letters, digits, `_`, `-` or `.`.
    private static func isName(_ octets: [UInt8]) -> Bool {
        guard let first = octets.first, octets.count <= 32, isAlphanumeric(first) else { return false }
        return octets.allSatisfy { isAlphanumeric($0) || $0 == 0x5f || $0 == 0x2d || $0 == 0x2e }
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
    }

    private static func trimmed(_ octets: [UInt8]) -> [UInt8] {
        func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }
        return Array(octets.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    private static func split(_ octets: [UInt8], at separator: Unicode.Scalar) -> [[UInt8]] {
        octets.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false).map(Array.init)
    }

    private static func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}
