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
        if showsZone, finding.place == nil, let zone = finding.zone {
            text += Escaping.terminal(ZoneWords.shown(zone)) + ": "
        }
        text += Escaping.terminal(finding.message) + " [\(finding.code.rawValue)]\n"
        if let place = finding.place, let source = place.source { text += caret(place, source) }
        text += "  \(style.dim("next:")) \(Escaping.terminal(finding.action))\n"
        return text
    }

    /// Many findings, and a line that counts them.
    package func render(_ findings: [Finding]) -> String {
        findings.map { render($0, showsZone: true) }.joined()
    }

    /// One finding below the zone that it is about.
    func indented(_ finding: Finding) -> String {
        render(finding).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "  " + $0 }.joined(separator: "\n")
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
        JSONText.document("findings", findings.map(value))
    }

    /// One finding.
    static func value(_ finding: Finding) -> JSONText.Value {
        var fields: [(String, JSONText.Value)] = [
            ("severity", .string(finding.severity.rawValue)), ("code", .string(finding.code.rawValue)),
            ("message", .string(finding.message)), ("action", .string(finding.action)),
        ]
        if let zone = finding.zone { fields.append(("zone", .string(zone))) }
        if let place = finding.place {
            fields += [
                ("file", .string(place.file)), ("line", .number(place.line)), ("column", .number(place.column)),
            ]
        }
        return .object(fields)
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
            let zone = finding.place == nil ? finding.zone.map { "\(ZoneWords.shown($0)): " } ?? "" : ""
            let message = "\(zone)\(finding.message). Next: \(finding.action)"
            return "::\(level) \(properties.joined(separator: ","))::\(Escaping.workflowMessage(message))\n"
        }.joined()
    }
}
