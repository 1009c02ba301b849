package import DNS

/// Which part of a name somebody registered: one label more than its public suffix (https://publicsuffix.org/list/).
///
/// Without the list that is the last two labels: never more names apart than a CA tells, so a budget is at worst too careful. So are
/// the list's rules in other letters than ASCII, which are passed over.
package struct PublicSuffixes: Sendable {
    private var suffixes: Set<String> = []
    private var wildcards: Set<String> = []
    private var exceptions: Set<String> = []

    /// No list.
    package static let none = PublicSuffixes()

    private init() {}

    /// The list's text: a rule a line, `//` begins a comment.
    package init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let rule = line.prefix { $0 != " " && $0 != "\t" }.lowercased()
            guard !rule.isEmpty, !rule.hasPrefix("//"), rule.utf8.allSatisfy({ $0 < 0x80 }) else { continue }
            if rule.hasPrefix("!") {
                exceptions.insert(String(rule.dropFirst()))
            } else if rule.hasPrefix("*.") {
                wildcards.insert(String(rule.dropFirst(2)))
            } else {
                suffixes.insert(rule)
            }
        }
    }

    /// How many rules there are.
    package var count: Int { suffixes.count + wildcards.count + exceptions.count }

    /// The registered domain of a host, in lower case; the host itself where it is a public suffix.
    package func registered(_ host: DomainName) -> String {
        let labels = host.lowercased.description.split(separator: ".")
        let suffix = min(suffixLength(labels), labels.count)
        return labels.suffix(suffix + 1).joined(separator: ".")
    }

    /// Labels of the public suffix: the longest rule counts, an exception before all; by default one.
    private func suffixLength(_ labels: [Substring]) -> Int {
        for length in stride(from: labels.count, to: 0, by: -1) {
            let name = labels.suffix(length).joined(separator: ".")
            if exceptions.contains(name) { return length - 1 }
            if suffixes.contains(name) { return length }
            if length > 1, wildcards.contains(labels.suffix(length - 1).joined(separator: ".")) { return length }
        }
        return 1
    }
}
