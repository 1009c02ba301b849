package import Findings

/// Compares the policy that shall be served with the one given to the host.
package enum PolicyDiff: Hashable, Sendable {
    /// The host has it.
    case same
    /// Another body, or none, is there.
    case change(replacing: String?, verb: Step.Verb, causes: [Cause], reason: String)
    /// It can't be told what the host has.
    case unknown(Finding)

    /// Wanted against applied and hosted.
    package static func diff(
        wanted: PublishedBody, applied: PublishedBody?, hosted: Observation<String>, mxMoved: Bool, knowsLedger: Bool
    ) -> PolicyDiff {
        let seen: String?
        switch hosted {
        case .value(let body): seen = body
        case .absent: seen = nil
        case .unknown(let unknown):
            return .unknown(
                Finding(
                    .error, .policyFetch, "what the policy host holds could not be read: \(unknown.reason)",
                    action: "look at the state folder and run again", actor: .operator))
        }
        if seen == wanted.body, applied?.id == wanted.id || !knowsLedger { return .same }
        var causes: [Cause] = []
        if applied?.body != wanted.body || applied?.id != wanted.id { causes.append(mxMoved ? .mxMoved : .commit) }
        if let applied, applied.body != seen { causes.append(.drift) }
        return .change(
            replacing: seen, verb: seen == nil ? .create : .change, causes: causes.sorted(),
            reason: reason(causes, seen: seen, wanted: wanted))
    }

    private static func reason(_ causes: [Cause], seen: String?, wanted: PublishedBody) -> String {
        if causes.contains(.mxMoved) { return "the MX records changed, and the patterns follow them" }
        if causes.contains(.commit), causes.contains(.drift) {
            return "the manifest changed, and the host holds another body than was applied"
        }
        if causes == [.drift] { return "the host does not hold the body that was last applied" }
        if seen == wanted.body { return "every sender shall fetch it again under a new id" }
        return seen == nil
            ? "the manifest asks for a policy and the host has none" : "the manifest asks for another policy"
    }
}
