import Findings
import Planning
import YAML

extension Reading {
    /// A duration within `range`, in seconds.
    mutating func seconds(_ node: YAMLNode?, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let seconds = seconds(node, what), let node else { return nil }
        guard range.contains(seconds) else {
            error(
                .badValue, "'\(what)' is \(seconds) seconds, and \(range.lowerBound) to \(range.upperBound) are wanted",
                action: "write such a duration, in seconds or with s, m, h, d or w", at: node.place)
            return nil
        }
        return seconds
    }

    /// A list in which something stands: an empty one is a thought left half-way, never the default. `advice` says what to write.
    mutating func filled(_ node: YAMLNode?, _ what: String, advice: String) -> [YAMLNode]? {
        let items = list(node, what)
        if items?.isEmpty == true {
            error(.badValue, "'\(what)' is an empty list", action: "\(advice), or remove '\(what)'", at: node?.place)
        }
        return items
    }

    /// The words of a command that is run after changes.
    mutating func command(_ node: YAMLNode?, _ what: String) -> [String] {
        (filled(node, what, advice: "write the command and its words, such as [nginx, -s, reload]") ?? [])
            .compactMap { text($0, what) }
    }

    /// Whose roots are trusted: `system`, and files.
    mutating func trust(_ node: YAMLNode?) -> [String] {
        let items = filled(node, "trust", advice: "write [system], or the files of the CAs")
        return items?.compactMap { text($0, "trust") } ?? ["system"]
    }

    /// A number of zones, or a share of them.
    mutating func fleetShare(_ node: YAMLNode?, _ field: String) -> FleetShare? {
        guard let text = text(node, field), let node else { return nil }
        if text.hasSuffix("%"), let share = Int(text.dropLast()), (0...100).contains(share) { return .percent(share) }
        if let count = Int(text), (1...1_000_000).contains(count) { return .zones(count) }
        error(
            .badValue, "'\(field)' is '\(printable(text))', and a number of zones or a share of them is wanted",
            action: "write a number from 1, or a share from 0% to 100%", at: node.place)
        return nil
    }
}
