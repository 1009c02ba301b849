import DNS
import Findings
import MTASTS
package import Planning
import TLSRPT
import YAML

/// A manifest as `certadns import` writes it: what is live, said so that a plan finds nothing to change but what adoption needs.
package enum ManifestText {
    /// The file's text. Of what others wrote only values that were read as such stand in it, so that no word of theirs is read as ours.
    package static func render(_ found: Import, provider: String, configuration: Configuration) -> String {
        var lines = ["zone: \(found.zone)", "add_ons: [email-authentication]"]
        if found.isDelegated {
            lines.append("dns: delegated")
        } else if provider != configuration.usualProvider {
            lines.append("dns: \(quoted(provider))")
        }
        guard found.receivesMail else { return (lines + ["mail: none"]).joined(separator: "\n") + "\n" }
        if let sts = found.mtaSTS {
            lines.append("mta_sts:")
            lines.append("  mode: \(sts.mode.rawValue)")
            switch sts.mx {
            case .derived: lines.append("  mx: derived")
            case .patterns(let patterns):
                lines.append("  mx: [\(patterns.map { quoted("\($0)") }.joined(separator: ", "))]")
            }
            lines.append("  max_age: \(age(sts.maxAge))")
        } else if configuration.defaults?["mta_sts"] != nil {
            lines.append("mta_sts: null")
        }
        if !found.rua.isEmpty {
            lines.append("tls_rpt:")
            lines.append("  rua: [\(reports(found.rua, configuration).joined(separator: ", "))]")
        } else if configuration.defaults?["tls_rpt"] != nil {
            lines.append("tls_rpt: null")
        }
        if found.adopts {
            lines.append(
                "# What stands there is taken over with the first apply; after that this says nothing any more.")
            lines.append("adopt: true")
        }
        if found.mtaSTS != nil {
            lines.append(
                "# If no policy of this domain ever had a longer max_age, a withdrawal need not assume a year:")
            lines.append("# history: {max_age: \(found.mtaSTS.map { age($0.maxAge) } ?? "")}")
        }
        if found.needsAgeWaiver {
            lines.append("waivers:")
            lines.append("  - {code: \(FindingCode.maxAgeRange.rawValue), reason: \"as it was when it was imported\"}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a plan would read from `text`: an import that its own product can't read is none.
    package static func wish(_ text: String, of found: Import, file: String, configuration: Configuration) -> ZoneWish {
        ManifestReader.wish(
            YAMLDocument.parse(Array(text.utf8), file: file), zone: found.zone, file: file,
            configuration: configuration)
    }

    /// `managed` in place of what it stands for.
    private static func reports(_ rua: [ReportURI], _ configuration: Configuration) -> [String] {
        let managed = configuration.managedReports
        guard !managed.isEmpty, rua.starts(with: managed) else { return rua.map { quoted($0.text) } }
        return ["managed"] + rua.dropFirst(managed.count).map { quoted($0.text) }
    }

    /// The largest unit that says it exactly.
    private static func age(_ age: MaxAge) -> String {
        for (unit, seconds) in [("w", 604_800), ("d", 86_400), ("h", 3_600)]
        where age.seconds > seconds && age.seconds % seconds == 0 { return "\(age.seconds / seconds)\(unit)" }
        return "\(age)"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
