/// Where the wish came from that an apply last began with: by it an older checkout is told from a newer one.
package struct AppliedSource: Hashable, Sendable, Codable {
    /// Digest of the effective manifest; empty where there was none, which is a wish to withdraw.
    package var digest: String
    /// The commit, where the runner knew one.
    package var commit: String?
    /// Short digests of every manifest that was ever begun with, oldest first, at most ``most``.
    package private(set) var known: [String]

    /// How many manifests are remembered.
    package static let most = 256

    /// The first one.
    package init(digest: String, commit: String?) {
        self.digest = digest
        self.commit = commit
        known = digest.isEmpty ? [] : [Self.short(digest)]
    }

    /// Whether the manifest of this digest was never begun with, for sure: that there is none is nothing new ever.
    package func isNew(_ digest: String) -> Bool {
        !digest.isEmpty && !known.contains(Self.short(digest)) && !hasForgotten(digest)
    }

    /// Whether nobody knows that any more, since the history is full.
    package func hasForgotten(_ digest: String) -> Bool {
        !digest.isEmpty && !known.contains(Self.short(digest)) && known.count >= Self.most
    }

    /// The same history with one more manifest.
    package func moved(to digest: String, commit: String?) -> AppliedSource {
        var source = self
        source.digest = digest
        source.commit = commit
        if !digest.isEmpty, !known.contains(Self.short(digest)) {
            source.known = Array((known + [Self.short(digest)]).suffix(Self.most))
        }
        return source
    }

    private static func short(_ digest: String) -> String { String(Digest.hex(digest).prefix(16)) }
}

extension ZoneLedger {
    /// Where what was last applied came from; older ledgers know it of what was applied in full alone.
    package var lastSource: AppliedSource? {
        source ?? desired.map { AppliedSource(digest: $0.digest, commit: $0.commit) }
    }
}
