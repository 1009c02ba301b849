/// Why an edge could not do what was asked. Each edge maps its own closed errors to this in one file.
package struct Failure: Error, Hashable, Sendable, Codable {
    /// The bounded label: safe for metrics, never parsed from text.
    package let kind: Kind
    /// Whether the same call may succeed if it is made again soon.
    package let retryable: Bool
    /// Seconds that the other side asked to wait before anything is tried again; `nil` where it asked for nothing.
    package let retryAfter: Int?
    /// What, where and what to do, in one or two sentences. Never holds a secret.
    package let detail: String

    /// A failure in an edge's own words.
    package init(_ kind: Kind, retryable: Bool = false, retryAfter: Int? = nil, _ detail: String) {
        self.kind = kind
        self.retryable = retryable
        self.retryAfter = retryAfter
        self.detail = detail
    }

    /// What kind of failure it was.
    package enum Kind: String, Hashable, Sendable, CaseIterable, Codable {
        /// No connection, no route, no such server.
        case unreachable
        /// No answer within the deadline; it may have taken effect.
        case timedOut = "timed-out"
        /// The other side knows us and says no: a wrong key, a missing right.
        case unauthorized
        /// The other side can't or won't do this, ever.
        case rejected
        /// The other side takes no more for now: a rate limit.
        case limited
        /// Our own budget with the other side is used up; it was not asked.
        case overBudget = "over-budget"
        /// What we saw is no longer what is there: plan again.
        case conflict
        /// The answer was no answer: half a list, a broken message, a wrong signature.
        case malformed
        /// It was done as far as we can, but the other side was not brought to take it over: the world may show it or not.
        case unfinished
        /// What was asked for is not there.
        case missing
        /// Somebody else is at it.
        case busy
        /// Storage: full, read-only, corrupt, newer than we are.
        case storage
        /// Told to stop.
        case cancelled
        /// The configuration lacks something.
        case configuration
    }
}

extension Failure: CustomStringConvertible {
    /// The words for people.
    package var description: String { detail }
}
