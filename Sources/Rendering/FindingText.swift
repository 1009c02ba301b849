package import Findings

/// Findings for people: place, message, the line with a caret, the next action.
package struct FindingText: Sendable {
    private let style: Style

    /// A renderer.
    package init(_ style: Style = .plain) { self.style = style }

    /// One finding, ending in a line end.
    package func render(_ finding: Finding, showsZone: Bool = false) -> String {
        var text = ""
        if let place = finding.place { text += style.bold(Escaping.terminal("\(place)")) + ": " }
        text += severity(finding.severity) + ": "
        if showsZone, finding.place == nil, let zone = finding.zone { text += Escaping.terminal(zone) + ": " }
        text += Escaping.terminal(finding.message) + " [\(finding.code.rawValue)]\n"
        if let place = finding.place, let source = place.source { text += caret(place, source) }
        text += "  \(style.dim("next:")) \(Escaping.terminal(finding.action))\n"
        return text
    }

    /// Many findings, and a line that counts them.
    package func render(_ findings: [Finding]) -> String {
        findings.map { render($0, showsZone: true) }.joined()
    }

    private func severity(_ severity: Finding.Severity) -> String {
        switch severity {
        case .error: style.red("error")
        case .warning: style.yellow("warning")
        case .note: style.dim("note")
        }
    }

    /// The caret counts characters, each of which is shown as one.
    private func caret(_ place: Place, _ source: String) -> String {
        let shown = String(
            source.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : Character($0) })
        let line = Escaping.terminal(shown)
        let count = max(1, min(place.length, max(1, source.unicodeScalars.count - place.column + 1)))
        let pad = String(repeating: " ", count: max(0, place.column - 1))
        return "    \(line)\n    \(pad)\(style.red(String(repeating: "^", count: count)))\n"
    }
}

/// Findings for machines.
package enum FindingJSON {
    /// `{"findings": [{"severity", "code", "message", "action", "file", "line", "column"}]}`, places only where there are any.
    package static func render(_ findings: [Finding]) -> String {
        let items = findings.map { finding in
            var fields = [
                JSONText.field("severity", finding.severity.rawValue), JSONText.field("code", finding.code.rawValue),
                JSONText.field("message", finding.message), JSONText.field("action", finding.action),
            ]
            if let zone = finding.zone { fields.append(JSONText.field("zone", zone)) }
            if let place = finding.place {
                fields += [
                    JSONText.field("file", place.file), "\"line\": \(place.line)", "\"column\": \(place.column)",
                ]
            }
            return "    {" + fields.joined(separator: ", ") + "}"
        }
        return items.isEmpty ? "{\"findings\": []}\n" : "{\"findings\": [\n" + items.joined(separator: ",\n") + "\n]}\n"
    }
}

/// JSON strings (RFC 8259 §7).
package enum JSONText {
    static func field(_ name: String, _ value: String) -> String { "\(string(name)): \(string(value))" }

    /// A quoted and escaped string.
    package static func string(_ text: String) -> String {
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

/// Findings as GitHub workflow annotations.
package enum FindingAnnotations {
    /// One `::error …::message` line each.
    package static func render(_ findings: [Finding]) -> String {
        findings.map { finding in
            let level =
                switch finding.severity {
                case .error: "error"
                case .warning: "warning"
                case .note: "notice"
                }
            var properties: [String] = []
            if let place = finding.place {
                properties += [
                    "file=\(Escaping.workflowProperty(place.file))", "line=\(place.line)", "col=\(place.column)",
                ]
            }
            properties.append("title=\(Escaping.workflowProperty(finding.code.rawValue))")
            let zone = finding.place == nil ? finding.zone.map { "\($0): " } ?? "" : ""
            let message = "\(zone)\(finding.message). Next: \(finding.action)"
            return "::\(level) \(properties.joined(separator: ","))::\(Escaping.workflowMessage(message))\n"
        }.joined()
    }
}
