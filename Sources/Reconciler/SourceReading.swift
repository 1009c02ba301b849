import Planning
package import Ports

/// Where a run's manifests come from.
package struct SourceReading: Sendable {
    /// The commit; `nil` where there is none.
    package let commit: String?
    /// What is known of its history.
    package let history: any SourceHistory
    /// Whether an older commit is meant.
    package let allowsOlder: Bool

    /// A source.
    package init(commit: String?, history: any SourceHistory, allowsOlder: Bool = false) {
        self.commit = commit
        self.history = history
        self.allowsOlder = allowsOlder
    }

    /// How it stands to what was last applied to a zone; `nil` where no commit was.
    func claim(_ ledger: ZoneLedger?) async -> SourceClaim? {
        guard let last = ledger?.lastSource?.commit else { return nil }
        return SourceClaim(
            commit: commit, standing: commit == last ? .same : await history.standing(to: last),
            allowsOlder: allowsOlder)
    }
}
