package import DNS

/// What the ledger keeps of a zone's dealings with a CA.
package struct Issuance: Hashable, Sendable, Codable {
    /// The order in progress: at most one a zone.
    package var order: OpenOrder?
    /// Proofs that were published and not seen gone.
    package var challenges: [ChallengeProof]
    /// Why nothing is ordered for a while.
    package var hold: IssuanceHold?
    /// Why whoever renews by itself rests after a failure that left no hold. It binds no other run: it stands here so that a person
    /// sees it and can end it.
    package var rest: IssuanceHold?
    /// When the certificate held will be renewed.
    package var renewal: RenewalMoment?

    /// Nothing is under way.
    package init(
        order: OpenOrder? = nil, challenges: [ChallengeProof] = [], hold: IssuanceHold? = nil,
        rest: IssuanceHold? = nil, renewal: RenewalMoment? = nil
    ) {
        self.order = order
        self.challenges = challenges
        self.hold = hold
        self.rest = rest
        self.renewal = renewal
    }
}

/// An order that was placed and has not ended (design: the ledger's `order`).
package struct OpenOrder: Hashable, Sendable, Codable {
    /// Where the CA shows it.
    package var url: String
    /// The issuer's name.
    package var issuer: String
    /// The names ordered.
    package var names: [DomainName]
    /// When it was placed.
    package var since: Instant

    /// An order.
    package init(url: String, issuer: String, names: [DomainName], since: Instant) {
        self.url = url
        self.issuer = issuer
        self.names = names
        self.since = since
    }
}

/// A proof of control as it is published (RFC 8555 §8.3, §8.4); kept in the ledger until it was seen gone.
package enum ChallengeProof: Hashable, Sendable, Codable {
    /// A TXT value.
    case dns(name: DomainName, value: String)
    /// A file on port 80.
    case http(host: DomainName, token: String, content: String)

    /// The ways of proving control, as RFC 8555 names them.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case dns01 = "dns-01"
        case http01 = "http-01"
    }

    /// Which way it is.
    package var kind: Kind { if case .dns = self { .dns01 } else { .http01 } }

    /// Where it is published, for people.
    package var place: String {
        switch self {
        case .dns(let name, _): "\(name) TXT"
        case .http(let host, let token, _): "http://\(host)/.well-known/acme-challenge/\(token)"
        }
    }
}

/// Why no certificate is ordered for a while.
package struct IssuanceHold: Hashable, Sendable, Codable {
    /// When it ends.
    package var until: Instant
    /// What the CA or we had to say.
    package var reason: String
    /// Failures in a row that were no one's request to wait: each doubles our own wait.
    package var failures: Int

    /// A hold.
    package init(until: Instant, reason: String, failures: Int) {
        self.until = until
        self.reason = reason
        self.failures = failures
    }
}

/// When a CA wants a certificate renewed (RFC 9773).
package struct RenewalAdvice: Hashable, Sendable, Codable {
    /// First moment of the suggested window.
    package var start: Instant
    /// Last moment of it.
    package var end: Instant
    /// A page that explains an unusual window.
    package var explanation: String?
    /// Seconds until the CA is to be asked again.
    package var again: Int

    /// Advice.
    package init(start: Instant, end: Instant, explanation: String?, again: Int) {
        self.start = start
        self.end = end
        self.explanation = explanation
        self.again = again
    }
}

/// When a certificate will be renewed: drawn once, kept through restarts (ACME-24).
package struct RenewalMoment: Hashable, Sendable, Codable {
    /// The certificate, by its fingerprint.
    package var fingerprint: String
    /// When it falls due.
    package var at: Instant
    /// When the CA is to be asked again.
    package var askAgain: Instant
    /// The CA's page, if it has one to show.
    package var explanation: String?
    /// The window that the moment was drawn in; `nil` where the CA gave none.
    package var window: RenewalAdvice?
    /// Questions in a row that got no answer; `nil` means none.
    package var failures: Int?
    /// The next certificate must not have this one's key, whatever the configuration says: this one was revoked. `nil` means no.
    package var discardsKey: Bool?

    /// A moment.
    package init(
        fingerprint: String, at: Instant, askAgain: Instant, explanation: String? = nil, window: RenewalAdvice? = nil,
        failures: Int? = nil, discardsKey: Bool? = nil
    ) {
        self.failures = failures
        self.discardsKey = discardsKey
        self.fingerprint = fingerprint
        self.at = at
        self.askAgain = askAgain
        self.explanation = explanation
        self.window = window
    }
}

/// What the servers of a zone answer for a value that was just written.
package struct PropagationLook: Hashable, Sendable {
    /// Servers that show it.
    package var showing: [String]
    /// Servers that answer without it.
    package var lacking: [String]
    /// Servers that do not answer, each with its reason.
    package var silent: [String]
    /// Milliseconds that the look took: one that waits for silent servers takes seconds.
    package var spent: Int
    /// Whether every server had its full time; else those that did not answer at once are left out.
    package var isWhole: Bool

    /// A look.
    package init(showing: [String], lacking: [String], silent: [String], spent: Int = 0, isWhole: Bool = true) {
        self.spent = spent
        self.isWhole = isWhole
        self.showing = showing
        self.lacking = lacking
        self.silent = silent
    }

    /// Whether a CA may be told to look: at least one server shows the value and none that answers lacks it; or `quorum` show it.
    package func isEnough(quorum: Int?) -> Bool {
        if let quorum { return showing.count >= quorum }
        return !showing.isEmpty && lacking.isEmpty
    }
}
