import Foundation
package import Ports

/// Messages as octets: sorted keys, so that equal requests have equal digests.
package enum StateJSON {
    /// The octets of a message.
    package static func encode(_ value: some Encodable) throws(Failure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch {
            throw Failure(.malformed, "a message of the state API can't be written: \(error)")
        }
    }

    /// What the octets say; `nil` where they say no such thing.
    package static func decode<Value: Decodable>(_ type: Value.Type, _ octets: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(octets))
    }
}
