/// Octets as presentation forms and wire fields write them.
package enum Octets {
    /// `\DDD` (RFC 1035 §5.1).
    static func decimalEscape(_ octet: UInt8) -> [UInt8] {
        [UInt8(ascii: "\\"), 0x30 + octet / 100, 0x30 + octet / 10 % 10, 0x30 + octet % 10]
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Lower-case hexadecimal, two digits an octet.
    package static func hex(_ octets: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * octets.underestimatedCount)
        for octet in octets {
            text.append(digits[Int(octet >> 4)])
            text.append(digits[Int(octet & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Hexadecimal to octets; `nil` for an odd or foreign character.
    static func fromHex(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map { octet -> UInt8? in
            switch octet {
            case 0x30...0x39: octet - 0x30
            case 0x41...0x46: octet - 0x37
            case 0x61...0x66: octet - 0x57
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
    }
}
