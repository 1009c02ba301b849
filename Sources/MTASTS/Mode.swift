/// What a sender does with a policy (RFC 8461 §5). Raw values are case-sensitive.
package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
    /// No delivery to a host that fails.
    case enforce
    /// Deliver all the same, and report.
    case testing
    /// As if there were no policy.
    case none
}
