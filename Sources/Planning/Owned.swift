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
    package static func owner(
        of resource: Resource, zone: DomainName, delegation: Delegation? = nil
    ) -> DomainName? {
        if let delegation { return types(of: resource).isEmpty ? nil : delegation.owner(of: resource, zone: zone) }
        return switch resource {
        case .tlsRPTRecord: TLSRPTRecord.recordName(zone)
        case .policyHost: WellKnown.hostName(zone)
        case .mtaSTSRecord: WellKnown.recordName(zone)
        case .certificate, .policy, .challenge, .delivery: nil
        }
    }

    /// The types that a plan must see at a resource's name.
    package static func types(of resource: Resource) -> [RecordType] {
        switch resource {
        case .tlsRPTRecord, .mtaSTSRecord: textTypes
        case .policyHost: hostTypes
        case .certificate, .policy, .challenge, .delivery: []
        }
    }

    /// Every key that a plan reads from a zone's provider.
    package static func keys(of zone: DomainName, delegation: Delegation? = nil) -> [RecordKey] {
        Resource.allCases.flatMap { keys(of: zone, resource: $0, delegation: delegation) }
    }

    /// The keys of one resource.
    package static func keys(
        of zone: DomainName, resource: Resource, delegation: Delegation? = nil
    ) -> [RecordKey] {
        owner(of: resource, zone: zone, delegation: delegation).map { name in
            types(of: resource).map { RecordKey(name: name, type: $0) }
        } ?? []
    }

    /// `_smtp._tls.<zone>` TXT (RFC 8460 §3), or what that name is an alias of.
    package static func tlsRPTRecord(
        of zone: DomainName, rua: [ReportURI], ttl: UInt32, delegation: Delegation? = nil
    ) -> [RecordSet] {
        text(
            TLSRPTRecord.text(for: rua), at: owner(of: .tlsRPTRecord, zone: zone, delegation: delegation), ttl: ttl)
    }

    /// `_mta-sts.<zone>` TXT (RFC 8461 §3.1), or what that name is an alias of.
    package static func mtaSTSRecord(
        of zone: DomainName, id: PolicyID, ttl: UInt32, delegation: Delegation? = nil
    ) -> [RecordSet] {
        text(STSRecord(id: id).text, at: owner(of: .mtaSTSRecord, zone: zone, delegation: delegation), ttl: ttl)
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

    private static func text(_ text: String, at owner: DomainName?, ttl: UInt32) -> [RecordSet] {
        guard let owner else { return [] }
        return [RecordSet(key: RecordKey(name: owner, type: .txt), ttl: ttl, data: [.txt(TextData(text))])].compactMap {
            $0
        }
    }
}
