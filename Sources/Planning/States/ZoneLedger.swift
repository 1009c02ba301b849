package import DNS
package import MTASTS

/// What the ledger knows of one zone: what was last applied, and every policy that was ever let out.
package struct ZoneLedger: Hashable, Sendable, Codable {
    /// The mail domain.
    package var zone: DomainName
    /// What we last made public and saw there.
    package var applied: Publication
    /// The manifest's wish as last applied in full, with its origin.
    package var desired: AppliedDesire?
    /// Every policy whose publication was begun, oldest first.
    package var published: [PublishedPolicy]
    /// Steps begun whose outcome was never recorded: they may have happened.
    package var intents: [Intent]
    /// MX hosts seen, with first and last time.
    package var mxSeen: [MXSeen]
    /// What is under way with a CA.
    package var issuance: Issuance
    /// Places that the policy host left, in that order.
    package var formerHosts: [FormerHost]
    /// When the withdrawal of its policy, or of all of it, was begun; a wish for a policy that is live again ends that.
    package var withdrawnAt: Instant?
    /// The last look at all name servers, where an id was not seen replaced on every one of them.
    package var replacementLook: ReplacementLook?
    /// What limits, people and others have done to it.
    package var steering = Steering()
    /// Where the wish came from that an apply last began with.
    package var source: AppliedSource?
    /// From when on policies may have been published of which this ledger has no word: it was restored from a backup then, or the zone
    /// released.
    package var unwatchedSince: Instant?

    /// A zone of which nothing is known.
    package init(zone: DomainName) {
        self.zone = zone
        applied = Publication()
        desired = nil
        published = []
        intents = []
        mxSeen = []
        issuance = Issuance()
        formerHosts = []
    }

    /// What was written here, also by an earlier version, or comes over the network.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(zone: try values.decode(DomainName.self, forKey: .zone))
        applied = try values.decode(Publication.self, forKey: .applied)
        desired = try values.decodeIfPresent(AppliedDesire.self, forKey: .desired)
        published = try values.decode([PublishedPolicy].self, forKey: .published)
        intents = try values.decode([Intent].self, forKey: .intents)
        mxSeen = try values.decode([MXSeen].self, forKey: .mxSeen)
        issuance = try values.decode(Issuance.self, forKey: .issuance)
        formerHosts = try values.decodeIfPresent([FormerHost].self, forKey: .formerHosts) ?? []
        withdrawnAt = try values.decodeIfPresent(Instant.self, forKey: .withdrawnAt)
        replacementLook = try values.decodeIfPresent(ReplacementLook.self, forKey: .replacementLook)
        steering = try values.decodeIfPresent(Steering.self, forKey: .steering) ?? Steering()
        source = try values.decodeIfPresent(AppliedSource.self, forKey: .source)
        unwatchedSince = try values.decodeIfPresent(Instant.self, forKey: .unwatchedSince)
    }

    /// Whether anything of ours is out, or may be. A zone that was withdrawn to the end is a stranger again, but for the ids it had.
    package var isManaged: Bool { !applied.isEmpty || hasPolicyOut || !intents.isEmpty }
}

/// A desired state that was applied, and where it came from.
package struct AppliedDesire: Hashable, Sendable, Codable {
    /// The desired state.
    package var zone: DesiredZone
    /// Digest of the effective manifest.
    package var digest: String
    /// The commit, where the runner knew one.
    package var commit: String?
    /// When its last step was done.
    package var at: Instant

    /// A desired state with its origin.
    package init(zone: DesiredZone, digest: String, commit: String?, at: Instant) {
        self.zone = zone
        self.digest = digest
        self.commit = commit
        self.at = at
    }
}

/// One policy that senders may hold (design: the `published` table).
package struct PublishedPolicy: Hashable, Sendable, Codable {
    /// Its id.
    package var id: PolicyID
    /// The id's counter.
    package var counter: Int
    /// SHA-256 over the body, lower-case hexadecimal.
    package var bodyDigest: String
    /// The mode that it states.
    package var mode: Mode
    /// The patterns that it lists.
    package var mx: [MXPattern]
    /// How long it may be cached.
    package var maxAge: MaxAge
    /// The largest TTL under which its TXT was published, in seconds.
    package var largestTTL: UInt32
    /// When its publication was begun: from here it may be cached.
    package var intentAt: Instant
    /// When its id was seen in DNS.
    package var announcedAt: Instant?
    /// When its id was seen replaced at the primary; other servers may answer it still.
    package var supersededAt: Instant?
    /// When its id was seen replaced on every authoritative server (``ReplacementLook``).
    package var replacedAt: Instant?

    /// One row.
    package init(
        id: PolicyID, counter: Int, bodyDigest: String, mode: Mode, mx: [MXPattern], maxAge: MaxAge, largestTTL: UInt32,
        intentAt: Instant, announcedAt: Instant? = nil, supersededAt: Instant? = nil, replacedAt: Instant? = nil
    ) {
        self.id = id
        self.counter = counter
        self.bodyDigest = bodyDigest
        self.mode = mode
        self.mx = mx
        self.maxAge = maxAge
        self.largestTTL = largestTTL
        self.intentAt = intentAt
        self.announcedAt = announcedAt
        self.supersededAt = supersededAt
        self.replacedAt = replacedAt
    }

    /// Whether a counter is one that can be counted on from: what comes from elsewhere may say anything.
    package static func isCounter(_ number: Int) -> Bool { (0...PolicyID.largestCounter).contains(number) }

    /// What was written here, or comes over the network.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let counter = try values.decode(Int.self, forKey: .counter)
        guard Self.isCounter(counter) else {
            throw DecodingError.dataCorruptedError(
                forKey: .counter, in: values, debugDescription: "\(counter) is no counter of a policy")
        }
        self.init(
            id: try values.decode(PolicyID.self, forKey: .id), counter: counter,
            bodyDigest: try values.decode(String.self, forKey: .bodyDigest),
            mode: try values.decode(Mode.self, forKey: .mode), mx: try values.decode([MXPattern].self, forKey: .mx),
            maxAge: try values.decode(MaxAge.self, forKey: .maxAge),
            largestTTL: try values.decode(UInt32.self, forKey: .largestTTL),
            intentAt: try values.decode(Instant.self, forKey: .intentAt),
            announcedAt: try values.decodeIfPresent(Instant.self, forKey: .announcedAt),
            supersededAt: try values.decodeIfPresent(Instant.self, forKey: .supersededAt),
            replacedAt: try values.decodeIfPresent(Instant.self, forKey: .replacedAt))
    }
}

/// A step that was begun.
package struct Intent: Hashable, Sendable, Codable {
    /// The step's digest, which names it across runs.
    package var step: String
    /// What it was about to change.
    package var resource: Resource
    /// When it was begun.
    package var at: Instant
    /// The record sets that it was about to leave at its name: only what equals them may be ours (design, rule 7).
    package var writing: [RecordSet]

    /// One begun step.
    package init(step: String, resource: Resource, at: Instant, writing: [RecordSet] = []) {
        self.step = step
        self.resource = resource
        self.at = at
        self.writing = writing
    }
}

/// An MX host as seen over time.
package struct MXSeen: Hashable, Sendable, Codable {
    /// The host.
    package var host: DomainName
    /// When it was first seen; a host that left and came back counts from then.
    package var first: Instant
    /// When it was last seen.
    package var last: Instant
    /// When it was first missed; `nil` while it is there.
    package var left: Instant?
    /// The largest TTL under which the records that named it were seen, in seconds; `nil` where nobody looked at that.
    package var ttl: UInt32?

    /// One host's history.
    package init(host: DomainName, first: Instant, last: Instant, left: Instant? = nil, ttl: UInt32? = nil) {
        self.host = host
        self.first = first
        self.last = last
        self.left = left
        self.ttl = ttl
    }
}

/// The things that a zone owns (design: "What a zone owns"); the raw value is what people and files read.
package enum Resource: String, Hashable, Sendable, Codable, CaseIterable {
    case tlsRPTRecord = "tls-rpt-record"
    case policyHost = "policy-host"
    case certificate
    case policy
    case mtaSTSRecord = "mta-sts-record"
    /// What proves control to a CA: there during issuance only.
    case challenge
    /// The certificate with its key, as a web server of others was given it.
    case delivery = "certificate-delivery"
}
