package import DNS
package import MTASTS

/// What limits, people and others have done to a zone beyond its manifest.
package struct Steering: Hashable, Sendable, Codable {
    /// The last change that counts against the fleet's limit.
    package var changed: ZoneChange?
    /// A policy that a person made milder at once.
    package var relaxation: Relaxation?
    /// What was put right lately, oldest first.
    package var corrections: [Correction] = []
    /// The name servers last seen to be the domain's, by its provider and by resolvers.
    package var home: [DomainName] = []
    /// Since when the domain is delegated elsewhere, or to nobody; `nil` while it is at home.
    package var lostSince: Instant?
    /// When our record was last answered where the domain is now.
    package var answeredAway: Instant?
    /// Digest of the manifest with which the zone was released; `nil` once another one asks for it, and in older ledgers.
    package var released: String?

    /// Nothing was done.
    package init() {}

    /// What was written here, also before all of this was kept.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        changed = try values.decodeIfPresent(ZoneChange.self, forKey: .changed)
        relaxation = try values.decodeIfPresent(Relaxation.self, forKey: .relaxation)
        corrections = try values.decodeIfPresent([Correction].self, forKey: .corrections) ?? []
        home = try values.decodeIfPresent([DomainName].self, forKey: .home) ?? []
        lostSince = try values.decodeIfPresent(Instant.self, forKey: .lostSince)
        answeredAway = try values.decodeIfPresent(Instant.self, forKey: .answeredAway)
        released = try values.decodeIfPresent(String.self, forKey: .released)
    }
}

/// A change of what a zone shows, for the limit of a fleet's changes.
package struct ZoneChange: Hashable, Sendable, Codable {
    /// When it was begun.
    package var at: Instant
    /// Digest of the desired state that asked for it.
    package var digest: String
    /// Whether nobody had named the zone or accepted its plan.
    package var counts: Bool
}

/// A policy made milder by a person, at once and past everything that would wait (`certadns relax`).
package struct Relaxation: Hashable, Sendable, Codable {
    /// What it may be at most: `testing` or `none`.
    package var mode: Mode
    /// Why, in the person's words.
    package var reason: String
    /// When.
    package var at: Instant
    /// The manifest's generation then; a greater one ends it.
    package var generation: Int

    /// A relaxation.
    package init(to mode: Mode, reason: String, at: Instant, generation: Int) {
        self.mode = mode
        self.reason = reason
        self.at = at
        self.generation = generation
    }
}

/// A record set that was put back to what was last applied.
package struct Correction: Hashable, Sendable, Codable {
    /// Which.
    package var resource: Resource
    /// When.
    package var at: Instant
    /// What stood there instead, as lines of a master file; none where it was gone.
    package var theirs: [String]

    /// A correction.
    package init(_ resource: Resource, at: Instant, theirs: [String]) {
        self.resource = resource
        self.at = at
        self.theirs = theirs
    }
}

extension Steering {
    /// A day, in seconds: for so long a change counts, and corrections are remembered.
    package static let day = 86_400

    /// So many corrections are kept: no more than tell that a record set is contested.
    private static let most = 12

    /// Remembers a correction, and forgets those of earlier days.
    mutating func take(_ correction: Correction) {
        corrections.removeAll { correction.at - $0.at >= Self.day }
        corrections.append(correction)
        corrections.removeFirst(max(0, corrections.count - Self.most))
    }
}
