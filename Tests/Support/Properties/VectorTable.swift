import Foundation

/// A tab-separated table beside the tests, with one header line.
package struct VectorTable {
    /// Rows as cells by column name.
    package let rows: [[String: String]]

    /// Reads `Vectors/name` beside the calling file.
    package init(_ name: String, file: String = #filePath) throws {
        let url = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Vectors/\(name)")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: true)
        let header = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        rows = lines.dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Dictionary(zip(header, cells)) { first, _ in first }
        }
    }

    /// `\r \n \t \uXXXX` resolved.
    package static func unescape(_ text: String) -> [UInt8] {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "\\", let next = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch next {
            case "r": result.unicodeScalars.append("\r")
            case "n": result.unicodeScalars.append("\n")
            case "t": result.unicodeScalars.append("\t")
            case "u":
                let digits = rest.prefix(4)
                rest = rest.dropFirst(4)
                if let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) {
                    result.unicodeScalars.append(scalar)
                }
            default: result += "\\\(next)"
            }
        }
        return Array(result.utf8)
    }
}
