package import DNS
import Findings
import MTASTS
import TLSRPT

/// How a zone takes part whose DNS belongs to someone else (RFC 8461 §8.2): its owner adds aliases once, and what they lead to stands
/// in a zone of ours, so that ids change without the owner.
package struct Delegation: Hashable, Sendable, Codable {
    /// The zone of ours, in which the zone's records stand below `_mta-sts`, `_smtp._tls` and `_acme-challenge`.
    package var zone: DomainName
    /// The policy host's own name, which `mta-sts.<zone>` is an alias of.
    package var host: DomainName
    /// Whether the CA has control proven by a record (dns-01).
    package var provesByDNS: Bool

    /// A delegation.
    package init(zone: DomainName, host: DomainName, provesByDNS: Bool) {
        self.zone = zone
        self.host = host
        self.provesByDNS = provesByDNS
    }

    /// A record that the zone's owner adds, and what of ours rests on it.
    package struct Alias: Hashable, Sendable {
        /// What can't be had without it.
        package let resource: Resource
        /// Where it stands, in the owner's zone.
        package let name: DomainName
        /// What it leads to.
        package let target: DomainName
    }

    /// Whether all names of `zone` fit below ours (255 octets).
    package func fits(_ zone: DomainName) -> Bool { Self.join(zone, "_acme-challenge", self.zone) != nil }

    /// Where a resource of `zone` stands in our zone; `nil` for what is the owner's alone or no record.
    package func owner(of resource: Resource, zone: DomainName) -> DomainName? {
        switch resource {
        case .tlsRPTRecord: Self.join(zone, "_smtp._tls", self.zone)
        case .mtaSTSRecord: Self.join(zone, "_mta-sts", self.zone)
        case .challenge: Self.join(zone, "_acme-challenge", self.zone)
        case .policyHost, .certificate, .policy, .delivery: nil
        }
    }

    private static func join(_ zone: DomainName, _ middle: String, _ ours: DomainName) -> DomainName? {
        guard let below = try? ours.prepending(middle) else { return nil }
        return try? DomainName(labels: zone.lowercased.labels + below.labels)
    }

    /// What the owner of `desired` has to add, in the order in which it is good to.
    package func aliases(of desired: DesiredZone) -> [Alias] {
        guard desired.receivesMail else { return [] }
        var aliases: [Alias] = []
        func add(_ resource: Resource, _ name: DomainName, _ target: DomainName?) {
            if let target { aliases.append(Alias(resource: resource, name: name, target: target)) }
        }
        let zone = desired.zone
        if desired.tlsRPT != nil {
            add(.tlsRPTRecord, TLSRPTRecord.recordName(zone), owner(of: .tlsRPTRecord, zone: zone))
        }
        guard desired.mtaSTS != nil else { return aliases }
        add(.policyHost, WellKnown.hostName(zone), host)
        if provesByDNS, let name = try? WellKnown.hostName(zone).prepending("_acme-challenge") {
            add(.challenge, name, owner(of: .challenge, zone: zone))
        }
        add(.mtaSTSRecord, WellKnown.recordName(zone), owner(of: .mtaSTSRecord, zone: zone))
        return aliases
    }
}

extension Delegation.Alias {
    /// The record as the owner adds it, in master-file form.
    package func line(ttl: UInt32) -> String {
        let set = RecordSet(key: RecordKey(name: name, type: .cname), ttl: ttl, data: [.cname(target)])
        return set?.lines.first ?? "\(name) CNAME \(target)"
    }

    /// That it is not there, or `other` is.
    func missing(insteadOf other: DomainName?, ttl: UInt32, wasLive: Bool) -> Finding {
        let line = line(ttl: ttl)
        return Finding(
            wasLive ? .error : .warning, .delegationMissing,
            other.map { "\(name) is an alias of \($0); it must be: \(line)" }
                ?? "the domain's owner has yet to add: \(line)",
            action: wasLive
                ? "have the owner put that record back; senders can't find the policy or its id without it"
                : "have the domain's owner add that record; it is needed once",
            actor: .operator)
    }
}

extension Comparison {
    /// Reads what the owner has added, tells what is missing, and holds what rests on it.
    mutating func judgeDelegation() {
        guard let desired, let delegation = desired.delegation else { return }
        let wasAnnounced = !(input.ledger?.applied.mtaSTS ?? []).isEmpty
        var missing: Set<Resource> = []
        for alias in delegation.aliases(of: desired) {
            // Reports wait for nobody, so whether their alias ever was there is not known.
            let wasLive = wasAnnounced && alias.resource != .tlsRPTRecord
            switch input.live.aliases[alias.name] ?? .unknown(.notAsked) {
            case .value(alias.target): continue
            case .unknown(let why):
                unknown.insert(alias.resource)
                findings.append(.unreadable(alias.name, .cname, why))
            case .value(let other):
                missing.insert(alias.resource)
                findings.append(alias.missing(insteadOf: other, ttl: desired.ttl.other, wasLive: wasLive))
            case .absent:
                missing.insert(alias.resource)
                findings.append(alias.missing(insteadOf: nil, ttl: desired.ttl.other, wasLive: wasLive))
            }
        }
        // A CA that can't be shown control only refuses; without a certificate no policy is of use.
        if missing.contains(delegation.provesByDNS ? .challenge : .policyHost) {
            hold(.certificate)
            if input.live.certificate.isAbsent { for resource in [Resource.delivery, .policy] { hold(resource) } }
        }
        let announcing: Set<Resource> = [.policyHost, .mtaSTSRecord]
        let lacksCertificate = input.live.certificate.isAbsent && holds.contains(.delegated(.certificate))
        if lacksCertificate || !missing.isDisjoint(with: announcing) { hold(.mtaSTSRecord) }
    }

    private mutating func hold(_ resource: Resource) {
        let count = steps.count
        steps.removeAll { $0.resource == resource }
        if steps.count < count { holds.append(.delegated(resource)) }
    }
}

extension Hold {
    fileprivate static func delegated(_ resource: Resource) -> Hold {
        Hold(resource, "it waits for records that the domain's owner adds")
    }
}

extension PlannerInput {
    /// Where the zone's records stand, as far as that is known.
    var delegation: Delegation? {
        if case .desired(let desired) = wish.wish { desired.delegation } else { ledger?.desired?.zone.delegation }
    }
}
