package import DNS
package import Planning

/// What was applied, newest first, for people and machines.
package struct History: Hashable, Sendable, Encodable {
    private let entries: [Entry]

    /// The entries as the ledger keeps them.
    package init(_ entries: [Entry]) { self.entries = entries }

    /// One line of the audit trail.
    package struct Entry: Hashable, Sendable, Encodable {
        private let at: Instant
        private let zone: DomainName
        private let kind: String
        private let what: String
        private let who: String
        private let runner: String
        private let command: String
        private let manifest: String?
        private let commit: String?

        /// One line: what was recorded when, by whom, from which manifest (its digest) and commit.
        package init(
            at: Instant, zone: DomainName, kind: String, what: String, who: String, runner: String, command: String,
            manifest: String?, commit: String?
        ) {
            self.at = at
            self.zone = zone
            self.kind = kind
            self.what = what
            self.who = who
            self.runner = runner
            self.command = command
            self.manifest = manifest
            self.commit = commit
        }

        fileprivate var line: String {
            let digest = manifest.map { " manifest \($0.prefix(12))" } ?? ""
            let commit = commit.map { " commit \($0.prefix(12))" } ?? ""
            return Escaping.terminal("\(at) \(ZoneWords.shown(zone)) \(what) by \(who)\(digest)\(commit)") + "\n"
        }
    }

    /// One line each.
    package var text: String { entries.isEmpty ? "Nothing was applied yet.\n" : entries.map(\.line).joined() }
}
