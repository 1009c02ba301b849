/// A sender that follows RFC 8461 to the letter, with the one habit that real ones differ in. Times are seconds.
package struct Sender: Hashable, Sendable {
    /// What it holds.
    package private(set) var cached: Cached?
    /// What it does when it sees the id that it holds.
    package let habit: Habit

    /// A policy that was fetched.
    package struct Cached: Hashable, Sendable {
        /// The id under which it was fetched.
        package let id: String
        /// The policy.
        package let policy: SenderText.Policy
        /// When it is no longer applied.
        package var expires: Int64
    }

    /// What senders do differently where the RFC lets them.
    package enum Habit: Hashable, Sendable, CaseIterable {
        /// Keeps the policy until it expires, then fetches again.
        case keeps
        /// Holds it on for its max_age from now, without fetching (STS-42).
        case extends
        /// Fetches anew each time that a day has passed (RFC 8461 §3.3).
        case refreshes
    }

    /// What becomes of a message.
    package enum Verdict: Hashable, Sendable {
        /// It is delivered.
        case delivered
        /// No mail host may take it, by the policy with this id.
        case refused(id: String)
    }

    private var fetched: Int64 = 0

    /// A sender that holds nothing.
    package init(habit: Habit) {
        self.habit = habit
        cached = nil
    }

    /// Delivers one message: `records` are the TXT records that its resolver answers, `nil` where it could not be asked; `fetch` gets the
    /// policy's body over HTTPS; `hosts` are the mail hosts.
    package mutating func deliver(
        at now: Int64, records: [[UInt8]]?, hosts: [String], fetch: () -> [UInt8]?
    ) -> Verdict {
        if let held = cached, held.expires <= now { cached = nil }
        if let id = SenderText.id(in: records ?? []) { look(at: id, now, fetch) }
        guard let held = cached, held.policy.mode == "enforce" else { return .delivered }
        let isTaken = hosts.contains { host in held.policy.mx.contains { SenderText.matches($0, host) } }
        return isTaken || hosts.isEmpty ? .delivered : .refused(id: held.id)
    }

    /// RFC 8461 §3.1 and §5.1: a new id is a reason to fetch; who can't fetch applies what is held.
    private mutating func look(at id: String, _ now: Int64, _ fetch: () -> [UInt8]?) {
        if let held = cached, held.id == id {
            switch habit {
            case .keeps: return
            case .extends:
                cached?.expires = now + held.policy.maxAge
                return
            case .refreshes: guard now - fetched >= 86_400 else { return }
            }
        }
        guard let body = fetch(), let policy = SenderText.policy(body) else { return }
        cached = Cached(id: id, policy: policy, expires: now + policy.maxAge)
        fetched = now
    }
}
