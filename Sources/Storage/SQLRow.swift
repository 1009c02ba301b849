import DNS
import Foundation
import Planning

/// A row, read by the names of its columns. A value of the wrong kind is an error, never a trap: people do edit databases.
package protocol SQLRow {
    /// Text that is there.
    func text(_ column: String) throws -> String
    /// Text, if there is any.
    func optionalText(_ column: String) throws -> String?
    /// A number that is there.
    func integer(_ column: String) throws -> Int64
    /// A number, if there is any.
    func optionalInteger(_ column: String) throws -> Int64?
    /// True or false.
    func flag(_ column: String) throws -> Bool
    /// Octets that are there.
    func octets(_ column: String) throws -> [UInt8]
}

extension SQLRow {
    func name(_ column: String) throws -> DomainName { try DomainName(text(column)) }

    /// A number of this machine's size.
    func count(_ column: String) throws -> Int {
        let number = try integer(column)
        guard let count = Int(exactly: number) else { throw BrokenRow("\(column) is out of range") }
        return count
    }

    /// A moment kept as seconds.
    func seconds(_ column: String) throws -> Instant { Instant(seconds: try integer(column)) }

    func instant(_ column: String) throws -> Instant {
        guard let instant = try optionalInstant(column) else { throw BrokenRow("\(column) is missing") }
        return instant
    }

    /// A moment kept as text.
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
    /// Rows are keyed in lower case: DNS does not tell cases apart, databases do.
    var key: String { lowercased.description }
}
