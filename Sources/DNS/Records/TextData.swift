/// The data of a TXT record: one or more strings of 0 to 255 octets (RFC 1035 §3.3.14).
package struct TextData: Hashable, Sendable {
    /// The strings, each at most 255 octets.
    package let strings: [[UInt8]]

    /// Strings as cut; `nil` when there is none or one is too long.
    package init?(strings: [[UInt8]]) {
        guard !strings.isEmpty, strings.allSatisfy({ $0.count <= 255 }) else { return nil }
        self.strings = strings
    }

    /// A text cut into strings of 255 octets.
    package init(_ text: String) {
        var rest = Array(text.utf8)[...]
        var strings: [[UInt8]] = []
        repeat {
            strings.append(Array(rest.prefix(255)))
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
        self.strings = strings
    }

    /// The strings with nothing between (RFC 8461 §3.1, RFC 7208 §3.3).
    package var joined: [UInt8] { strings.flatMap(\.self) }
}

extension TextData: CustomStringConvertible {
    /// Quoted strings with `"`, `\` and unprintable octets escaped (RFC 1035 §5.1).
    package var description: String {
        strings.map { string in
            var text: [UInt8] = [UInt8(ascii: "\"")]
            for octet in string {
                switch octet {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), octet]
                case 0x20...0x7e: text.append(octet)
                default: text += Octets.decimalEscape(octet)
                }
            }
            text.append(UInt8(ascii: "\""))
            return String(decoding: text, as: UTF8.self)
        }.joined(separator: " ")
    }
}
