/// JSON (RFC 8259) with its fields in a stated order. All JSON that no encoder writes is made here, and only here.
enum JSONText {
    /// A value; objects keep the order of their fields.
    indirect enum Value {
        case string(String)
        case number(Int)
        case list([Value])
        case object([(String, Value)])
    }

    /// A value on one line.
    static func line(_ value: Value) -> String {
        switch value {
        case .string(let text): string(text)
        case .number(let number): "\(number)"
        case .list(let values): "[" + values.map(line).joined(separator: ", ") + "]"
        case .object(let fields):
            "{" + fields.map { string($0.0) + ": " + line($0.1) }.joined(separator: ", ") + "}"
        }
    }

    /// An object of one list, one item a line.
    static func document(_ name: String, _ items: [Value]) -> String {
        let head = "{" + string(name) + ": ["
        if items.isEmpty { return head + "]}\n" }
        return head + "\n" + items.map { "    " + line($0) }.joined(separator: ",\n") + "\n]}\n"
    }

    /// A quoted and escaped string (§7).
    static func string(_ text: String) -> String {
        var escaped = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7f || (0x2028...0x2029).contains(scalar.value) {
                    let hex = String(scalar.value, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    escaped.unicodeScalars.append(scalar)
                }
            }
        }
        return escaped + "\""
    }
}
