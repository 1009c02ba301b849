package import DNS
package import MTASTS
package import TLSRPT

/// The record sets that a zone owns (design: "What a zone owns"); nothing else is ever written.
package enum Owned {
    /// The types that may stand at an owned TXT name.
    package static let textTypes: [RecordType] = [.txt, .cname]
    /// The types that may stand at the policy host's name.
    package static let hostTypes: [RecordType] = [.a, .aaaa, .cname]

    /// The owner name of each resource that lives in DNS.
    package static func owner(of resource: Resource, zone: DomainName) -> DomainName? {
        switch resource {
        case .tlsRPTRecord: TLSRPTRecord.recordName(zone)
        case .policyHost: WellKnown.hostName(zone)
        case .mtaSTSRecord: WellKnown.recordName(zone)
        case .certificate, .policy, .challenge: nil
        }
    }

    /// The types that a plan must see at a resource's name.
    package static func types(of resource: Resource) -> [RecordType] {
        switch resource {
        case .tlsRPTRecord, .mtaSTSRecord: textTypes
        case .policyHost: hostTypes
        case .certificate, .policy, .challenge: []
        }
    }

    /// Every key that a plan reads from a zone's provider.
    package static func keys(of zone: DomainName) -> [RecordKey] {
        Resource.allCases.flatMap { keys(of: zone, resource: $0) }
    }

    /// The keys of one resource.
    package static func keys(of zone: DomainName, resource: Resource) -> [RecordKey] {
        owner(of: resource, zone: zone).map { name in types(of: resource).map { RecordKey(name: name, type: $0) } }
            ?? []
    }

    /// `_smtp._tls.<zone>` TXT (RFC 8460 §3).
    package static func tlsRPTRecord(of zone: DomainName, rua: [ReportURI], ttl: UInt32) -> [RecordSet] {
        text(TLSRPTRecord.text(for: rua), at: TLSRPTRecord.recordName(zone), ttl: ttl)
    }

    /// `_mta-sts.<zone>` TXT (RFC 8461 §3.1).
    package static func mtaSTSRecord(of zone: DomainName, id: PolicyID, ttl: UInt32) -> [RecordSet] {
        text(STSRecord(id: id).text, at: WellKnown.recordName(zone), ttl: ttl)
    }

    /// `mta-sts.<zone>`: addresses or an alias.
    package static func hostRecords(of zone: DomainName, target: HostTarget, ttl: UInt32) -> [RecordSet] {
        let owner = WellKnown.hostName(zone)
        switch target {
        case .cname(let name):
            return [RecordSet(key: RecordKey(name: owner, type: .cname), ttl: ttl, data: [.cname(name)])].compactMap {
                $0
            }
        case .addresses(let addresses):
            let v4 = addresses.compactMap { if case .v4(let address) = $0 { RecordData.a(address) } else { nil } }
            let v6 = addresses.compactMap { if case .v6(let address) = $0 { RecordData.aaaa(address) } else { nil } }
            return [
                RecordSet(key: RecordKey(name: owner, type: .a), ttl: ttl, data: v4),
                RecordSet(key: RecordKey(name: owner, type: .aaaa), ttl: ttl, data: v6),
            ].compactMap { $0 }
        }
    }

    private static func text(_ text: String, at owner: DomainName, ttl: UInt32) -> [RecordSet] {
        [RecordSet(key: RecordKey(name: owner, type: .txt), ttl: ttl, data: [.txt(TextData(text))])].compactMap { $0 }
    }
}
