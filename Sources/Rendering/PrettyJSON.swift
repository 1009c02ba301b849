import FoundationEssentials

/// Documents of ours as JSON: keys in snake case and sorted, so that equal documents have equal text.
package enum PrettyJSON {
    /// The document's text, ending in a line end.
    package static func text(_ document: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}
