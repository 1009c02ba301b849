package import Findings

/// One node of a YAML document, with where it stands.
package struct YAMLNode: Hashable, Sendable {
    /// What it is.
    package let content: Content
    /// Where it begins.
    package let place: Place

    /// A node.
    package init(_ content: Content, at place: Place) {
        self.content = content
        self.place = place
    }

    /// The three kinds of YAML nodes.
    package indirect enum Content: Hashable, Sendable {
        /// Text; whether it stood without quotes, since only then `null`, `true` or `7` mean more than text.
        case scalar(String, isPlain: Bool)
        /// A list.
        case sequence([YAMLNode])
        /// A map in the order of the file; keys are scalars and differ.
        case mapping([Entry])
    }

    /// One key with its value.
    package struct Entry: Hashable, Sendable {
        /// The key's text.
        package let key: String
        /// Where the key stands.
        package let place: Place
        /// The value.
        package let value: YAMLNode

        /// One entry.
        package init(key: String, place: Place, value: YAMLNode) {
            self.key = key
            self.place = place
            self.value = value
        }
    }
}

extension YAMLNode {
    /// The value of `key` in a map.
    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// A plain `null` or `~`, or nothing at all.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// What it is, for people.
    package var kindWords: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a map"
        }
    }

    /// This node over `lower`: maps merge key by key, everything else replaces; a null unsets.
    package func merged(over lower: YAMLNode) -> YAMLNode {
        guard case .mapping(let upper) = content, case .mapping(let under) = lower.content else { return self }
        var entries = under.filter { old in !upper.contains { $0.key == old.key } }
        for entry in upper {
            guard let old = under.first(where: { $0.key == entry.key }) else {
                entries.append(entry)
                continue
            }
            if entry.value.isNull { continue }
            entries.append(Entry(key: entry.key, place: entry.place, value: entry.value.merged(over: old.value)))
        }
        return YAMLNode(.mapping(entries), at: place)
    }

    /// Text that depends on meaning alone, not on places, order of keys or layout: what a manifest's digest is taken of.
    package var canonicalText: String {
        switch content {
        case .scalar(let text, let isPlain): (isPlain ? "p" : "q") + "\(text.utf8.count):\(text)"
        case .sequence(let nodes): "[" + nodes.map(\.canonicalText).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{"
                + entries.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count):\($0.key)=\($0.value.canonicalText)" }
                .joined(separator: ",") + "}"
        }
    }
}
