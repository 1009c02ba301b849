import Findings
import YAML

/// Reads maps against their field tables and collects everything that is wrong, never the first alone.
struct Reading {
    private var told: [Finding] = []
    private var withheld = 0
    private(set) var hasErrors = false
    private let limit = YAMLLimits().findings

    /// All that is wrong, or as much as a person will read of one file and a last finding that counts the rest.
    var findings: [Finding] {
        guard withheld > 0, let last = told.last else { return told }
        let rest = Finding(
            hasErrors ? .error : .warning, .yamlLimit, "\(withheld + 1) more findings of this file are not shown",
            action: "mend those above first", at: last.place)
        return told.dropLast() + [rest]
    }

    /// Goes on from what the file's tree showed.
    init(_ findings: [Finding] = []) {
        for finding in findings { add(finding) }
    }

    mutating func add(_ finding: Finding) {
        if finding.severity == .error { hasErrors = true }
        if isFull { withheld += 1 } else { told.append(finding) }
    }

    mutating func error(_ code: FindingCode, _ message: String, action: String, at place: Place?) {
        add(Finding(.error, code, message, action: action, at: place))
    }

    /// Whether what comes now is only counted.
    private var isFull: Bool { told.count >= limit }

    /// Checks that `node` is a map of the table's keys; `false` when it is no map at all.
    mutating func check(_ node: YAMLNode, _ table: FieldTable) -> Bool {
        guard case .mapping(let entries) = node.content else {
            error(
                .wrongType, "'\(table.path)' is \(node.kindWords), and a map of keys is wanted",
                action: "write 'key: value' lines: \(table.fields.map(\.key).joined(separator: ", "))",
                // Whoever takes the map for its secret writes it here.
                at: table.holdsSecret ? node.place.bare : node.place)
            return false
        }
        for entry in entries where !table.fields.contains(where: { $0.key == entry.key }) {
            let known = table.fields.map(\.key)
            let near = isFull ? nil : Spelling.nearest(to: entry.key, among: known)
            error(
                .unknownKey, "\(name(of: entry, near: near, table)) is no key of \(table.path)",
                action: near.map { "did you mean '\($0)'?" } ?? "use one of \(known.joined(separator: ", "))",
                at: table.holdsSecret ? entry.place.bare : entry.place)
        }
        for field in table.fields where field.isRequired && (node[field.key]?.isNull ?? true) {
            error(
                .missingKey, "'\(field.key)' is missing in \(table.path)",
                action: table.line(for: field.key).map { "write '\($0)', with your own values" }
                    ?? "add '\(field.key):' with \(field.kind)",
                at: node[field.key]?.place ?? node.place)
        }
        return true
    }

    /// A single value as text; `nil` and an error when it is a map or list, `nil` alone when it is not there.
    mutating func text(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node, !node.isNull else { return nil }
        guard case .scalar(let text, _) = node.content else {
            error(
                .wrongType, "'\(what)' is \(node.kindWords), and a single value is wanted", action: "write one value",
                at: node.place)
            return nil
        }
        return text
    }

    /// A list's nodes; a single value is no list.
    mutating func list(_ node: YAMLNode?, _ what: String) -> [YAMLNode]? {
        guard let node, !node.isNull else { return nil }
        guard case .sequence(let items) = node.content else {
            error(
                .wrongType, "'\(what)' is \(node.kindWords), and a list is wanted",
                action: "write it in brackets: [\(example(node))]",
                at: node.place)
            return nil
        }
        return items
    }

    /// The provider that is called `text`; an error where certadns.yaml has none of that name.
    mutating func provider(_ text: String, among known: [String], at place: Place) -> String? {
        if known.contains(text) { return text }
        let near = Spelling.nearest(to: text, among: known)
        error(
            .providerUnknown, "'\(printable(text))' is no provider of certadns.yaml",
            action: near.map { "did you mean '\($0)'?" } ?? "use one of \(known.joined(separator: ", "))", at: place)
        return nil
    }

    /// `true` or `false` without quotes; YAML 1.1's yes, no, on, off are words here, not truth values.
    mutating func flag(_ node: YAMLNode?, _ what: String) -> Bool? {
        guard let node, !node.isNull else { return nil }
        switch node.content {
        case .scalar("true", isPlain: true): return true
        case .scalar("false", isPlain: true): return false
        default:
            error(.wrongType, "'\(what)' is neither true nor false", action: "write true or false", at: node.place)
            return nil
        }
    }

    /// A whole number in decimal digits without leading zeros.
    mutating func number(_ node: YAMLNode?, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(node, what), let node else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0"),
            let number = Int(text),
            range.contains(number)
        else {
            error(
                .badValue,
                "'\(what)' is '\(printable(text))', and a whole number from \(range.lowerBound) to \(range.upperBound) is wanted",
                action: "write such a number", at: node.place)
            return nil
        }
        return number
    }

    /// Several words are several items: a command's, above all.
    private func example(_ node: YAMLNode) -> String {
        guard case .scalar(let text, _) = node.content, node.place.source != nil else { return "…" }
        return printable(text).split(separator: " ").joined(separator: ", ")
    }

    /// How a message calls an unknown key. Where a secret may stand, `secret:x` without its space is such a key, too: there only
    /// words are repeated, and beside the secret itself only those that are nearly a key of the table.
    private func name(of entry: YAMLNode.Entry, near: String?, _ table: FieldTable) -> String {
        let isWord =
            entry.key.utf8.count <= 20 && entry.key.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x5f }
        let isFit = near != nil || (isWord && !table.holdsSecret)
        return (entry.place.source != nil && !table.holdsSecret) || isFit
            ? "'\(printable(entry.key))'" : "what stands here"
    }
}

extension Place {
    /// The same place, its line not shown.
    var bare: Place { Place(file: file, line: line, column: column, length: length) }
}

/// A stranger's text, short and without control characters, fit for a message.
func printable(_ text: String, limit: Int = 80) -> String {
    String(
        text.unicodeScalars.prefix(limit).map {
            $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : Character($0)
        }
    )
}
