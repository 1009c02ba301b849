extension Policy {
    /// Reads a body as the grammar of RFC 8461 §3.2 has it (STS-12 to STS-17); the strict reading, since what passes it passes
    /// every sender's.
    package static func parse(_ octets: [UInt8]) throws(PolicyDefect) -> Policy {
        // A BOM would make the first key unknown to every sender.
        guard let text = String(validating: octets, as: UTF8.self), !octets.starts(with: [0xef, 0xbb, 0xbf]) else {
            throw PolicyDefect(.encoding, line: 1)
        }
        var fields = Fields()
        var lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) }
        // The last line end is optional, so nothing follows it.
        if lines.last == [] { lines.removeLast() }
        for (index, line) in lines.enumerated() {
            try fields.read(line.last == 0x0d ? line.dropLast() : line[...], number: index + 1)
        }
        return try fields.policy()
    }
}

/// The fields met so far; of a repeated key the first counts (STS-8), but for `mx`.
private struct Fields {
    var version: Bool = false
    var mode: Mode?
    var maxAge: MaxAge?
    var mx: [MXPattern] = []
    var extensions: [Policy.Extension] = []
    var seen: Set<String> = []

    mutating func read(_ line: ArraySlice<UInt8>, number: Int) throws(PolicyDefect) {
        guard !line.isEmpty else { throw PolicyDefect(.emptyLine, line: number) }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw PolicyDefect(.noColon, line: number) }
        // No blank may stand before the key or the colon: they are no key characters.
        let key = String(decoding: line[..<colon], as: UTF8.self)
        guard Grammar.isExtensionName(line[..<colon]) else { throw PolicyDefect(.badKey, line: number) }
        var value = line[(colon + 1)...]
        while let blank = value.first, blank == 0x20 || blank == 0x09 { value.removeFirst() }
        while let blank = value.last, blank == 0x20 || blank == 0x09 { value.removeLast() }
        guard !value.isEmpty, value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw PolicyDefect(.badValue, line: number)
        }
        try take(key, String(decoding: value, as: UTF8.self), number: number)
    }

    private mutating func take(_ key: String, _ value: String, number: Int) throws(PolicyDefect) {
        if key == "mx" {
            guard let pattern = try? MXPattern(parsing: value) else { throw PolicyDefect(.mx(value), line: number) }
            mx.append(pattern)
            return
        }
        guard seen.insert(key).inserted else { return }
        switch key {
        case "version":
            guard value == "STSv1" else { throw PolicyDefect(.version, line: number) }
            version = true
        case "mode":
            guard let known = Mode(rawValue: value) else { throw PolicyDefect(.mode, line: number) }
            mode = known
        case "max_age":
            guard (1...10).contains(value.utf8.count), value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let age = Int(value).flatMap(MaxAge.init(seconds:))
            else { throw PolicyDefect(.maxAge, line: number) }
            maxAge = age
        default:
            extensions.append(Policy.Extension(key: key, value: value))
        }
    }

    func policy() throws(PolicyDefect) -> Policy {
        guard version else { throw PolicyDefect(.missing("version"), line: 0) }
        guard let mode else { throw PolicyDefect(.missing("mode"), line: 0) }
        guard let maxAge else { throw PolicyDefect(.missing("max_age"), line: 0) }
        // STS-13: at least one pattern unless mode is none.
        guard !mx.isEmpty || mode == .none else { throw PolicyDefect(.missing("mx"), line: 0) }
        return Policy(mode: mode, mx: mx, maxAge: maxAge, extensions: extensions)
    }
}
