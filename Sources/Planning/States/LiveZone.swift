package import DNS

/// Everything seen of one zone in one look.
package struct LiveZone: Hashable, Sendable {
    /// The mail domain.
    package var zone: DomainName
    /// The domain's mail hosts, by preference.
    package var mx: Observation<[LiveMX]>
    /// What each authoritative server that answers says of them; `nil` where none was asked.
    package var mailServers: [MailHostWord]?
    /// Whom the world asks about the domain, and whom its provider names; `nil` where that was not asked.
    package var whereabouts: Whereabouts?
    /// Record sets at the owned names, as the zone's provider holds them; a key that was not asked is unknown.
    package var records: [RecordKey: Observation<RecordSet>]
    /// What senders' resolvers answer for the records that senders read; a key that was not asked is unknown.
    package var seen: [RecordKey: Observation<[RecordData]>]
    /// What the names lead to that the zone's owner made aliases, where its DNS belongs to someone else.
    package var aliases: [DomainName: Observation<DomainName>]
    /// What the policy host answered, one look for each address.
    package var policy: Observation<[PolicyLook]>
    /// What the places answer that the policy host left, as far as they were asked.
    package var former: [HostTarget: Observation<[PolicyLook]>]
    /// The certificate that the store holds for the policy host.
    package var certificate: Observation<CertificateFacts>
    /// The certificate that a web server of others was given; `nil` where the policy host reads the store itself.
    package var delivered: Observation<DeliveredCertificate>?
    /// The body that our policy host has been given for the zone.
    package var hosted: Observation<String>
    /// The CAA set that counts for the policy host's name.
    package var caa: Observation<CAALook>
    /// Who would be asked for a certificate, as CAA records name it; `nil` where that can't be told or does not matter.
    package var issuer: IssuerIdentity?
    /// Whether it is known that mail arrives under `enforce`.
    package var evidence: EnforceEvidence

    /// A look in which nothing was asked yet.
    package init(zone: DomainName) {
        self.zone = zone
        mx = .unknown(.notAsked)
        records = [:]
        seen = [:]
        aliases = [:]
        former = [:]
        policy = .unknown(.notAsked)
        certificate = .unknown(.notAsked)
        delivered = nil
        hosted = .unknown(.notAsked)
        caa = .unknown(.notAsked)
        issuer = nil
        evidence = .missing("no TLS report is taken in here yet")
    }

    /// The body that senders get, if every address of the host serves the same.
    package var servedBody: String? {
        let bodies = (policy.value ?? []).map { look in
            if case .served(let body) = look.answer { body } else { String?.none }
        }
        guard let first = bodies.first, bodies.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// What stands at `key`.
    package subscript(key: RecordKey) -> Observation<RecordSet> { records[key] ?? .unknown(.notAsked) }
}

extension Unknown {
    /// The observer had no reason or no means to ask.
    package static var notAsked: Unknown { Unknown("not asked", passing: false) }
}

/// One MX record with what makes it valid or not.
package struct LiveMX: Hashable, Sendable, Codable {
    /// RFC 5321 preference, lower first.
    package var preference: UInt16
    /// The host as the record names it; that name is what senders match (RFC 8461 §4.1).
    package var host: DomainName
    /// What the name leads to.
    package var target: Target

    /// What an MX host's name leads to.
    package enum Target: Hashable, Sendable, Codable {
        /// It has addresses.
        case addresses([IPAddress])
        /// It is an alias, which RFC 5321 §5.1 forbids.
        case alias(DomainName)
        /// It has no address.
        case nowhere
        /// Nobody could say.
        case unknown(String)
    }

    /// One MX record.
    package init(preference: UInt16, host: DomainName, target: Target) {
        self.preference = preference
        self.host = host
        self.target = target
    }
}

/// What one address of the policy host answered to a sender's GET (RFC 8461 §3.3).
package struct PolicyLook: Hashable, Sendable, Codable {
    /// The address and port asked.
    package var address: String
    /// The body, or why there is none.
    package var answer: Answer
    /// The certificate that the peer showed, also where it was not accepted.
    package var certificate: CertificateFacts?

    /// A policy, or the reason why a sender got none.
    package enum Answer: Hashable, Sendable, Codable {
        /// 200, text/plain, within 64 KiB, certificate accepted.
        case served(String)
        /// A sender would have no policy: the reason's kind and its words.
        case notServed(NotServed, String)
        /// We could not tell (no route from here, our own fault).
        case unknown(String)
    }

    /// Why a sender gets no policy from an address.
    package enum NotServed: String, Hashable, Sendable, Codable {
        case refused, timeout, handshake, certificate, status, redirect
        case mediaType = "media-type"
        case size, encoding
    }

    /// One look.
    package init(address: String, answer: Answer, certificate: CertificateFacts? = nil) {
        self.address = address
        self.answer = answer
        self.certificate = certificate
    }
}

/// What a plan needs to know of a certificate; never its key.
package struct CertificateFacts: Hashable, Sendable, Codable {
    /// DNS names of the SAN.
    package var names: [String]
    /// First second of validity.
    package var notBefore: Instant
    /// Last second of validity.
    package var notAfter: Instant
    /// The issuer as the configuration names it, where we issued it; else the issuer's distinguished name.
    package var issuer: String
    /// SHA-256 over the DER certificate, lower-case hexadecimal.
    package var fingerprint: String

    /// All facts at once.
    package init(names: [String], notBefore: Instant, notAfter: Instant, issuer: String, fingerprint: String) {
        self.names = names
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.issuer = issuer
        self.fingerprint = fingerprint
    }
}
