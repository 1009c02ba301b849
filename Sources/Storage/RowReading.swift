import DNS
import Foundation
import GRDB
import Planning

/// Columns as values. A value of the wrong kind is an error, never a trap: people do edit databases.
extension Row {
    func text(_ column: String) throws -> String { try decode(String.self, forColumn: column) }

    func optionalText(_ column: String) throws -> String? { try decode(String?.self, forColumn: column) }

    func integer(_ column: String) throws -> Int { try decode(Int.self, forColumn: column) }

    func flag(_ column: String) throws -> Bool { try decode(Bool.self, forColumn: column) }

    func name(_ column: String) throws -> DomainName { try DomainName(text(column)) }

    func instant(_ column: String) throws -> Instant {
        guard let instant = try optionalInstant(column) else { throw BrokenRow("\(column) is missing") }
        return instant
    }

    func optionalInstant(_ column: String) throws -> Instant? {
        guard let text = try optionalText(column) else { return nil }
        guard let instant = Instant(text) else { throw BrokenRow("\(column) '\(text)' is no time") }
        return instant
    }

    /// What ``JSONText`` wrote.
    func json<Value: Decodable>(_ type: Value.Type, _ column: String) throws -> Value {
        try JSONText.decode(type, text(column))
    }
}

/// Values that are kept whole, as JSON with sorted keys: equal values have equal text.
enum JSONText {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

extension DomainName {
    /// Rows are keyed in lower case: DNS does not tell cases apart, SQLite does.
    var key: String { lowercased.description }
}
