import DNS
import Findings
import Foundation
import YAML

/// A file that is no zone's manifest by its name, but may be meant as one.
///
/// A zone that no manifest names is withdrawn. So a slip in a file's name must not read as "no manifest": the zone's
/// desire is unknown then.
struct ZoneClaim: Sendable {
    let zone: DomainName
    let finding: Finding

    /// The zone that a file's name spells: `b.example.yml`, `b.example.YAML`, `b.example.yaml.bak`.
    static func spelt(by name: String) -> DomainName? {
        let lower = name.lowercased()
        for ending in [".yaml", ".yml"] {
            guard let range = lower.range(of: ending, options: .backwards) else { continue }
            if let zone = Reading.hostName(String(lower[..<range.lowerBound])) { return zone }
        }
        return nil
    }

    /// The zone that a file's content names; read as plain lines where the file is no valid YAML.
    static func zone(inside octets: [UInt8], _ document: YAMLDocument) -> DomainName? {
        if let root = document.root {
            guard case .scalar(let text, _)? = root["zone"]?.content else { return nil }
            return Reading.hostName(text)
        }
        for line in octets.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
            let parts = String(decoding: line.prefix(400), as: UTF8.self).split(separator: ":", maxSplits: 1)
            guard parts.count == 2, Self.bare(parts[0]) == "zone" else { continue }
            if let zone = Reading.hostName(Self.bare(parts[1].prefix { $0 != "#" })) { return zone }
        }
        return nil
    }

    private static func bare(_ text: Substring) -> String {
        let marks: Set<Character> = [" ", "\t", "\"", "'", "\u{feff}", "{", "}", ","]
        return String(text.drop { marks.contains($0) }.reversed().drop { marks.contains($0) }.reversed())
    }
}
