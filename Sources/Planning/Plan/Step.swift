package import DNS
import MTASTS

/// One change with its place in a zone's order. Steps are values: they can be saved, compared, reviewed and replayed.
package struct Step: Hashable, Sendable, Codable {
    /// What it changes.
    package var resource: Resource
    /// How it changes it.
    package var verb: Verb
    /// What brought it about; drift and a commit can meet in one step.
    package var causes: [Cause]
    /// Why, in one sentence for people.
    package var reason: String
    /// Exactly what will be written.
    package var effect: Effect
    /// What must be seen in the world before it may run.
    package var requires: Requirement?

    /// One step.
    package init(
        _ verb: Verb, _ resource: Resource, causes: [Cause], reason: String, effect: Effect,
        requires: Requirement? = nil
    ) {
        self.resource = resource
        self.verb = verb
        self.causes = causes
        self.reason = reason
        self.effect = effect
        self.requires = requires
    }
}

extension Step {
    /// How a step changes its resource.
    package enum Verb: String, Hashable, Sendable, Codable {
        case create, change, delete, issue, renew
    }

    /// Exactly what a step writes.
    package enum Effect: Hashable, Sendable {
        /// Record sets at one owner name.
        case records(RecordChange)
        /// A certificate with these names, by this issuer.
        case certificate(names: [DomainName], issuer: String)
        /// A policy body on the host, with the one it replaces.
        case policy(PublishedBody, replacing: String?)
        /// A proof of control that an earlier run left behind is taken away.
        case challenge(ChallengeProof)
        /// The certificate held for this host, with its key, is given to the web server of others that shows it.
        case delivery(host: DomainName)
        /// What is kept for this host is taken away; which of its policy, its certificate with the key, and what a web server of
        /// others was given of them, the step's resource says.
        case removal(host: DomainName)
    }

    /// What must be seen before a step may run.
    package enum Requirement: Hashable, Sendable {
        /// The host serves exactly this body, with a certificate that a sender accepts (design, rule 2).
        case policyServed(body: String, at: ServingHost)
    }

    /// Which host must serve.
    package enum ServingHost: Hashable, Sendable {
        /// Every address that the host's name has now.
        case current
        /// These addresses: the name is about to point there.
        case addresses([IPAddress])
        /// Every address of this name: the host's name is about to become its alias.
        case target(DomainName)
    }
}

/// What brought a step about.
package enum Cause: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// The desired state differs from what was last applied.
    case commit
    /// Live differs from what was last applied: someone changed it outside git.
    case drift
    /// Time: a renewal.
    case due
    /// The live MX records changed and the patterns are derived from them.
    case mxMoved = "mx-moved"
    /// A person made the policy milder, at once.
    case relaxed

    /// In the order of the declaration.
    package static func < (a: Cause, b: Cause) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

extension Step.Effect: Codable {
    private enum Key: String, CodingKey {
        case records, certificate, policy, challenge, delivery, removal, host, names, issuer, id, body, replacing
    }

    /// `{"records": …}`, `{"certificate": {"names", "issuer"}}`, `{"policy": {"id", "body", "replacing"}}` `{"challenge": …}`, `{"delivery": {"host"}}` or `{"removal": {"host"}}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .records(let change):
            try container.encode(change, forKey: .records)
        case .certificate(let names, let issuer):
            var inner = container.nestedContainer(keyedBy: Key.self, forKey: .certificate)
            try inner.encode(names, forKey: .names)
            try inner.encode(issuer, forKey: .issuer)
        case .policy(let body, let replacing):
            var inner = container.nestedContainer(keyedBy: Key.self, forKey: .policy)
            try inner.encode(body.id, forKey: .id)
            try inner.encode(body.body, forKey: .body)
            try inner.encodeIfPresent(replacing, forKey: .replacing)
        case .challenge(let proof):
            try container.encode(proof, forKey: .challenge)
        case .delivery(let host):
            var inner = container.nestedContainer(keyedBy: Key.self, forKey: .delivery)
            try inner.encode(host, forKey: .host)
        case .removal(let host):
            var inner = container.nestedContainer(keyedBy: Key.self, forKey: .removal)
            try inner.encode(host, forKey: .host)
        }
    }

    /// The reverse; an effect of no known kind is an error, never a step that does nothing.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let change = try container.decodeIfPresent(RecordChange.self, forKey: .records) {
            self = .records(change)
        } else if let proof = try container.decodeIfPresent(ChallengeProof.self, forKey: .challenge) {
            self = .challenge(proof)
        } else if container.contains(.delivery) {
            let inner = try container.nestedContainer(keyedBy: Key.self, forKey: .delivery)
            self = .delivery(host: try inner.decode(DomainName.self, forKey: .host))
        } else if container.contains(.removal) {
            let inner = try container.nestedContainer(keyedBy: Key.self, forKey: .removal)
            self = .removal(host: try inner.decode(DomainName.self, forKey: .host))
        } else if container.contains(.certificate) {
            let inner = try container.nestedContainer(keyedBy: Key.self, forKey: .certificate)
            self = .certificate(
                names: try inner.decode([DomainName].self, forKey: .names),
                issuer: try inner.decode(String.self, forKey: .issuer))
        } else {
            let inner = try container.nestedContainer(keyedBy: Key.self, forKey: .policy)
            let body = PublishedBody(
                id: try inner.decode(PolicyID.self, forKey: .id), body: try inner.decode(String.self, forKey: .body))
            self = .policy(body, replacing: try inner.decodeIfPresent(String.self, forKey: .replacing))
        }
    }
}

extension Step.Requirement: Codable {
    private enum Key: String, CodingKey { case policyServed, body, at, target }

    /// `{"policy_served": {"body"}}`, with `at` or `target` where the name does not point there yet.
    package func encode(to encoder: any Encoder) throws {
        guard case .policyServed(let body, let host) = self else { return }
        var container = encoder.container(keyedBy: Key.self)
        var inner = container.nestedContainer(keyedBy: Key.self, forKey: .policyServed)
        try inner.encode(body, forKey: .body)
        switch host {
        case .current: break
        case .addresses(let addresses): try inner.encode(addresses, forKey: .at)
        case .target(let name): try inner.encode(name, forKey: .target)
        }
    }

    /// The reverse.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let inner = try container.nestedContainer(keyedBy: Key.self, forKey: .policyServed)
        let addresses = try inner.decodeIfPresent([IPAddress].self, forKey: .at)
        let target = try inner.decodeIfPresent(DomainName.self, forKey: .target)
        self = .policyServed(
            body: try inner.decode(String.self, forKey: .body),
            at: addresses.map { .addresses($0) } ?? target.map { .target($0) } ?? .current)
    }
}

extension Step {
    /// The record sets that it leaves at its name; none for what is no record.
    package var writing: [RecordSet] { if case .records(let change) = effect { change.writing } else { [] } }

    /// Names the step across runs: the same effect on the same zone has the same digest.
    package func digest(zone: DomainName) -> String {
        let effectText =
            switch effect {
            case .records(let change):
                (change.writing.flatMap(\.lines) + ["|"] + change.expecting.flatMap(\.lines)).joined(separator: "\n")
            case .certificate(let names, let issuer): names.map(\.description).joined(separator: ",") + "|" + issuer
            case .policy(let body, _): body.id.text
            case .challenge(let proof): "\(proof)"
            case .delivery(let host): "deliver|\(host)"
            case .removal(let host): "remove|\(host)"
            }
        return String(Digest.hex("\(zone)\n\(resource.rawValue)\n\(effectText)").prefix(32))
    }
}
