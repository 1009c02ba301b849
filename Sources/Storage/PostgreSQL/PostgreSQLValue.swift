import CPostgreSQL
import Ports

/// A value as libpq sends it: text, or octets as they are. The server takes each for what its place in the statement wants.
struct PostgreSQLValue {
    /// With the zero that ends text; `nil` for none.
    private let octets: [UInt8]?
    private let isBinary: Bool

    init(_ datum: SQLDatum) throws(Failure) {
        switch datum {
        case .null: (octets, isBinary) = (nil, false)
        case .integer(let number): (octets, isBinary) = (Array("\(number)".utf8) + [0], false)
        case .flag(let flag): (octets, isBinary) = ([flag ? 0x74 : 0x66, 0], false)
        case .octets(let raw): (octets, isBinary) = (raw, true)
        case .text(let text):
            // libpq would keep what stands before it, and say nothing.
            guard !text.utf8.contains(0) else {
                throw Failure(.rejected, "PostgreSQL can't keep a text that holds the character U+0000")
            }
            (octets, isBinary) = (Array(text.utf8) + [0], false)
        }
    }

    /// `?` as PostgreSQL counts them; not where it stands in quotation marks.
    static func numbered(_ sql: String) -> String {
        var text = ""
        var quote: Character?
        var count = 0
        for character in sql {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "?" {
                count += 1
                text += "$\(count)"
                continue
            }
            text.append(character)
        }
        return text
    }
}

extension [PostgreSQLValue] {
    /// The three lists that libpq wants, for as long as `body` runs.
    func withPointers<Value>(
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Value
    ) -> Value {
        // One block for all: its parts stay where they are.
        let block = flatMap { $0.bytes }
        return block.withUnsafeBytes { raw in
            var offset = 0
            var pointers: [UnsafePointer<CChar>?] = []
            for value in self {
                let start = raw.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
                pointers.append(value.isNull ? nil : start)
                offset += value.bytes.count
            }
            let lengths = map { Int32(clamping: $0.bytes.count - 1) }
            let formats = map { Int32($0.isOctets ? 1 : 0) }
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}

extension PostgreSQLValue {
    fileprivate var isNull: Bool { octets == nil }
    fileprivate var isOctets: Bool { isBinary }
    /// At least one octet, also of none and of empty ones, so that each has a place; octets proper end before the last.
    fileprivate var bytes: [UInt8] { isBinary ? (octets ?? []) + [0] : octets ?? [0] }
}

/// A row of PostgreSQL, as text.
struct PostgreSQLRow: SQLRow {
    private let columns: [String: Int]
    private let values: [String?]

    /// All rows of a result.
    static func all(of result: OpaquePointer) -> [PostgreSQLRow] {
        let width = PQnfields(result)
        var columns: [String: Int] = [:]
        for column in 0..<width {
            if let name = PQfname(result, column) { columns[String(cString: name)] = Int(column) }
        }
        return (0..<PQntuples(result)).map { row in
            let values = (0..<width).map { column -> String? in
                guard PQgetisnull(result, row, column) == 0, let text = PQgetvalue(result, row, column) else {
                    return nil
                }
                return String(cString: text)
            }
            return PostgreSQLRow(columns: columns, values: values)
        }
    }

    func optionalText(_ column: String) throws -> String? {
        guard let index = columns[column] else { throw BrokenRow("there is no column '\(column)'") }
        return values[index]
    }

    func text(_ column: String) throws -> String {
        guard let text = try optionalText(column) else { throw BrokenRow("\(column) is missing") }
        return text
    }

    func optionalInteger(_ column: String) throws -> Int64? {
        guard let text = try optionalText(column) else { return nil }
        guard let number = Int64(text) else { throw BrokenRow("\(column) '\(text)' is no number") }
        return number
    }

    func integer(_ column: String) throws -> Int64 {
        guard let number = try optionalInteger(column) else { throw BrokenRow("\(column) is missing") }
        return number
    }

    func flag(_ column: String) throws -> Bool {
        switch try text(column) {
        case "t": true
        case "f": false
        case let text: throw BrokenRow("\(column) '\(text)' is neither true nor false")
        }
    }

    /// As the server writes octets in text: `\x` and hexadecimal.
    func octets(_ column: String) throws -> [UInt8] {
        let digits = Array(try text(column).utf8)
        guard digits.starts(with: "\\x".utf8), digits.count % 2 == 0 else { throw BrokenRow("\(column) is no octets") }
        return try stride(from: 2, to: digits.count, by: 2).map { index in
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard let octet = UInt8(pair, radix: 16) else { throw BrokenRow("\(column) is no octets") }
            return octet
        }
    }
}
