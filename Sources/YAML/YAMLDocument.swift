package import Findings

/// A file's one document, or what is wrong with it.
package struct YAMLDocument: Sendable {
    /// The root; `nil` where the file is empty or broken. Some errors leave a root, so that what else is wrong can be told.
    package let root: YAMLNode?
    /// What is wrong, in reading order.
    package let findings: [Finding]

    /// Parses octets that were read from `file`. Pure: the name only goes into places.
    package static func parse(_ octets: [UInt8], file: String, limits: YAMLLimits = YAMLLimits()) -> YAMLDocument {
        if octets.count > limits.octets {
            let finding = Finding(
                .error, .fileTooLarge, "the file has \(octets.count) octets, \(limits.octets) are allowed",
                action: "split it, or remove what does not belong there", at: Place(file: file, line: 1, column: 1))
            return YAMLDocument(root: nil, findings: [finding])
        }
        let lines = SourceLines(octets, file: file)
        if let finding = lines.encodingDefect(octets) ?? lines.tabDefect() {
            return YAMLDocument(root: nil, findings: [finding])
        }
        var builder = TreeBuilder(lines: lines, limits: limits)
        let built = builder.build(octets)
        return YAMLDocument(root: built.isWhole ? builder.root : nil, findings: built.findings)
    }
}
