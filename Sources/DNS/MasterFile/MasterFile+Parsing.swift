extension MasterFile {
    /// Reads a file of the zone `origin`. Any octets give a file or an error, in time linear in their number.
    package init(parsing octets: [UInt8], origin: DomainName) throws(MasterFileError) {
        var parser = MasterFileParser(octets: octets, origin: origin)
        try parser.run()
        self.octets = octets
        entries = parser.entries
        includes = parser.includes
        defaultTTL = parser.defaultTTL
    }
}

private struct MasterFileParser {
    let octets: [UInt8]
    var origin: DomainName
    var owner: DomainName?
    var defaultTTL: UInt32?
    var lastTTL: UInt32?
    var entries: [MasterFile.Entry] = []
    var includes: [Int] = []
    private var position = 0
    private var line = 1

    init(octets: [UInt8], origin: DomainName) {
        self.octets = octets
        self.origin = origin
    }

    /// A word with its place.
    private struct Word {
        var token: PresentationToken
        var range: Range<Int>
    }

    mutating func run() throws(MasterFileError) {
        while position < octets.count {
            let start = position
            let first = line
            let beginsBlank = octets[position] == 0x20 || octets[position] == 0x09
            let words = try entry()
            guard !words.isEmpty else { continue }
            try take(words, beginsBlank: beginsBlank, range: start..<position, line: first)
        }
    }

    /// The words of one entry, which ends with its line unless parentheses hold it open.
    private mutating func entry() throws(MasterFileError) -> [Word] {
        var words: [Word] = []
        var depth = 0
        while position < octets.count {
            switch octets[position] {
            case 0x0a:
                position += 1
                line += 1
                if depth == 0 { return words }
            case 0x20, 0x09, 0x0d: position += 1
            case UInt8(ascii: ";"):
                while position < octets.count, octets[position] != 0x0a { position += 1 }
            case UInt8(ascii: "("):
                depth += 1
                position += 1
            case UInt8(ascii: ")"):
                guard depth > 0 else { throw MasterFileError(line: line, "a ')' without its '('") }
                depth -= 1
                position += 1
            default:
                let start = position
                var rest = octets[position...]
                do throws(PresentationError) {
                    words.append(Word(token: try PresentationToken.scanOne(&rest), range: start..<rest.startIndex))
                } catch {
                    throw MasterFileError(line: line, error.description)
                }
                line += octets[start..<rest.startIndex].count { $0 == 0x0a }
                position = rest.startIndex
            }
        }
        guard depth == 0 else { throw MasterFileError(line: line, "a '(' without its ')'") }
        return words
    }

    private mutating func take(_ words: [Word], beginsBlank: Bool, range: Range<Int>, line: Int) throws(MasterFileError)
    {
        guard let first = words.first else { return }
        if !beginsBlank, !first.token.isQuoted, first.token.raw.hasPrefix("$") {
            return try directive(words.map(\.token), line: line)
        }
        var rest = words[...]
        if !beginsBlank {
            rest.removeFirst()
            owner = try name(first.token.raw, line: line)
        }
        guard let owner else { throw MasterFileError(line: line, "the first record has no owner") }
        var ttl: UInt32?
        // TTL and class come in either order before the type.
        while let word = rest.first?.token, !word.isQuoted {
            if ttl == nil, let seconds = MasterFilePeriod.seconds(word.raw), word.raw.first?.isNumber == true {
                ttl = seconds
            } else if word.raw.uppercased() != "IN" {
                break
            }
            rest.removeFirst()
        }
        guard let typeWord = rest.popFirst()?.token else {
            throw MasterFileError(line: line, "a record without a type")
        }
        guard let type = RecordType(name: typeWord.raw) else {
            throw MasterFileError(line: line, "'\(typeWord.raw)' is neither a type, a class IN nor a TTL")
        }
        let data: RecordData
        do throws(PresentationError) { data = try Self.data(rest.map(\.token), type: type, origin: origin) } catch {
            throw MasterFileError(line: line, error.description)
        }
        var serial: Range<Int>?
        if case .soa(let soa) = data {
            serial = rest.dropFirst(2).first?.range
            // RFC 1035 §5.2 and old practice: without $TTL the SOA's minimum is the default.
            defaultTTL = defaultTTL ?? soa.minimum
        }
        lastTTL = ttl ?? defaultTTL ?? lastTTL
        entries.append(
            MasterFile.Entry(
                record: ResourceRecord(name: owner, ttl: ttl ?? defaultTTL ?? lastTTL ?? 0, data: data), range: range,
                line: line,
                namesOwner: !beginsBlank, serial: serial))
    }

    /// Types without a grammar of ours are kept by their text: they are only ever compared, never written or sent.
    private static func data(
        _ tokens: [PresentationToken], type: RecordType, origin: DomainName
    ) throws(PresentationError) -> RecordData {
        switch type {
        case .a, .aaaa, .ns, .cname, .mx, .soa, .txt, .caa, .tlsa, .ptr, .srv, .ds: break
        default:
            if tokens.first?.raw != "\\#" {
                let words = tokens.map { $0.isQuoted ? "\"\($0.raw)\"" : $0.raw }
                return .opaque(type, words.joined(separator: " "))
            }
        }
        return try RecordData(tokens: tokens, type: type, origin: origin)
    }

    private mutating func directive(_ tokens: [PresentationToken], line: Int) throws(MasterFileError) {
        switch tokens[0].raw.uppercased() {
        case "$ORIGIN":
            guard tokens.count == 2 else { throw MasterFileError(line: line, "$ORIGIN wants one name") }
            origin = try name(tokens[1].raw, line: line)
        case "$TTL":
            guard tokens.count == 2, let seconds = MasterFilePeriod.seconds(tokens[1].raw) else {
                throw MasterFileError(line: line, "$TTL wants one time in seconds")
            }
            defaultTTL = seconds
        case "$INCLUDE":
            includes.append(line)
        default:
            throw MasterFileError(line: line, "'\(tokens[0].raw)' is no directive that is known")
        }
    }

    private func name(_ text: String, line: Int) throws(MasterFileError) -> DomainName {
        do throws(DomainNameError) { return try DomainName(presentation: text, origin: origin) } catch {
            throw MasterFileError(line: line, error.description)
        }
    }
}
