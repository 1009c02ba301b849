package import DNS
package import Findings
package import MTASTS
import TLSRPT

/// Where a zone shall end: the desired state with the live MX records resolved. Answers nothing about when.
package struct Goal: Hashable, Sendable {
    /// `_smtp._tls` TXT, or nothing.
    package var tlsRPT: [RecordSet]
    /// `mta-sts` A and AAAA or CNAME, or nothing.
    package var host: [RecordSet]
    /// The policy, or none.
    package var policy: Policy?
    /// The manifest's generation: part of the id's digest.
    package var generation: Int

    /// A goal.
    package init(tlsRPT: [RecordSet], host: [RecordSet], policy: Policy?, generation: Int) {
        self.tlsRPT = tlsRPT
        self.host = host
        self.policy = policy
        self.generation = generation
    }
}

/// A goal with what stands against it.
package struct GoalReading: Hashable, Sendable {
    /// The goal; its policy is `nil` where the MX records do not allow to derive one.
    package var goal: Goal
    /// Whether the policy could be decided at all; if not, what is applied stays.
    package var policyIsKnown: Bool
    /// What makes the zone blocked.
    package var blocking: [Finding]
    /// What else should be known.
    package var findings: [Finding]
    /// The manifest says that the domain has no mail, and the MX records agree.
    package var notApplicable: Bool
}

extension Goal {
    /// Desired state and live MX to goal.
    package static func reading(_ desired: DesiredZone, mx: Observation<[LiveMX]>, waivers: Set<FindingCode>)
        -> GoalReading
    {
        var reading = GoalReading(
            goal: Goal(tlsRPT: [], host: [], policy: nil, generation: desired.mtaSTS?.generation ?? 1),
            policyIsKnown: true, blocking: [], findings: [], notApplicable: false)
        guard desired.receivesMail else {
            reading.judgeMailNone(mx)
            return reading
        }
        if let tlsRPT = desired.tlsRPT {
            reading.goal.tlsRPT = Owned.tlsRPTRecord(
                of: desired.zone, rua: tlsRPT.rua, ttl: desired.ttl.other, delegation: desired.delegation)
        }
        guard let sts = desired.mtaSTS else { return reading }
        if desired.delegation == nil {
            reading.goal.host = Owned.hostRecords(of: desired.zone, target: desired.host, ttl: desired.ttl.other)
        }
        reading.judge(mx, for: sts, waivers: waivers)
        return reading
    }
}

extension GoalReading {
    /// `mail: none` holds only while no MX takes mail (RFC 7505 null MX counts as none).
    fileprivate mutating func judgeMailNone(_ mx: Observation<[LiveMX]>) {
        switch mx {
        case .absent:
            notApplicable = true
        case .value(let hosts) where hosts.allSatisfy(\.isNull):
            notApplicable = true
        case .value(let hosts):
            let names = hosts.map(\.host.description).joined(separator: ", ")
            blocking.append(
                Finding(
                    .error, .mailNoneHasMX, "the manifest says 'mail: none', but the domain has MX records: \(names)",
                    action: "remove 'mail: none' from the manifest, or the MX records from DNS"))
        case .unknown(let unknown):
            policyIsKnown = false
            findings.append(Finding.mxUnknown(unknown))
        }
    }

    /// RFC 5321 §5.1, RFC 7505 and the seed rules: a policy needs mail hosts that can take mail.
    fileprivate mutating func judge(_ mx: Observation<[LiveMX]>, for sts: MTASTSDesire, waivers: Set<FindingCode>) {
        switch mx {
        case .unknown(let unknown):
            policyIsKnown = false
            findings.append(Finding.mxUnknown(unknown))
        case .absent:
            blocking.append(
                Finding(
                    .error, .mxMissing, "the domain has no MX record",
                    action: "publish an MX record, or say 'mail: none' in the manifest", actor: .mailAdmin))
        case .value(let hosts):
            let defects = hosts.compactMap { $0.defect(among: hosts) }
            blocking += defects
            for case .unknown(let reason) in hosts.map(\.target) {
                policyIsKnown = false
                findings.append(Finding.mxUnknown(Unknown(reason)))
            }
            guard defects.isEmpty else { return }
            findings += hosts.compactMap(\.concern)
            let patterns = Self.patterns(of: sts.mx, hosts: hosts.map(\.host))
            goal.policy = Policy(mode: sts.mode, mx: patterns, maxAge: sts.maxAge)
            judgeCover(of: patterns, hosts: hosts.map(\.host), mode: sts.mode, waivers: waivers)
        }
    }

    /// Patterns in a fixed order without repetition, in lower case: MX answers come in any order and case.
    private static func patterns(of desire: MXDesire, hosts: [DomainName]) -> [MXPattern] {
        switch desire {
        case .patterns(let stated):
            var seen: Set<MXPattern> = []
            return stated.filter { seen.insert($0).inserted }
        case .derived(let also):
            var seen: Set<MXPattern> = []
            return (hosts.map { MXPattern(exactly: $0.lowercased) }.sorted() + also).filter { seen.insert($0).inserted }
        }
    }

    /// RFC 8461 §4.1: a host that no pattern matches gets no mail under `enforce` (design, rule 3).
    private mutating func judgeCover(
        of patterns: [MXPattern], hosts: [DomainName], mode: Mode, waivers: Set<FindingCode>
    ) {
        let uncovered = hosts.filter { host in !patterns.contains { $0.matches(host) } }
        for host in uncovered {
            let finding = Finding(
                mode == .enforce ? .error : .warning, .mxNotInPolicy,
                "the mail host \(host) is matched by no 'mx' pattern of the policy",
                action: "add \(host) to 'mx', or let 'mx: derived' follow the MX records")
            if mode == .enforce, uncovered.count == hosts.count, !waivers.contains(.mxNotInPolicy) {
                blocking.append(finding)
            } else {
                findings.append(finding)
            }
        }
        for pattern in patterns where !hosts.contains(where: { pattern.matches($0) }) {
            findings.append(
                Finding(
                    .note, .policyMXUnused, "the pattern \(pattern) matches no live MX host",
                    action: "keep it if that host is to come, remove it otherwise"))
        }
    }
}

extension LiveMX {
    /// RFC 7505: the root as exchange.
    var isNull: Bool { host == .root }

    /// What makes the whole zone blocked.
    fileprivate func defect(among hosts: [LiveMX]) -> Finding? {
        if isNull {
            return Finding(
                .error, .mxNull,
                hosts.count == 1
                    ? "the domain has a null MX (RFC 7505): it takes no mail"
                    : "a null MX stands among other MX records",
                action: "publish MX records of hosts that take mail, or say 'mail: none' in the manifest",
                actor: .mailAdmin)
        }
        if IPAddress(host.description) != nil {
            return Finding(
                .error, .mxAddressLiteral, "the MX record names an address, \(host), where a host name belongs",
                action: "let the MX record name a host that has this address", actor: .mailAdmin)
        }
        if case .alias(let target) = target {
            return Finding(
                .error, .mxCNAME, "the mail host \(host) is a CNAME (to \(target)), which RFC 5321 section 5.1 forbids",
                action: "let the MX record name \(target), or give \(host) addresses of its own", actor: .mailAdmin)
        }
        return nil
    }

    /// What does not block, but costs mail of its own.
    fileprivate var concern: Finding? {
        guard case .nowhere = target else { return nil }
        return Finding(
            .warning, .mxMissing, "the mail host \(host) has no address",
            action: "give \(host) an address, or remove its MX record", actor: .mailAdmin)
    }
}

extension Finding {
    fileprivate static func mxUnknown(_ unknown: Unknown) -> Finding {
        Finding(
            .error, .mxUnknown, "the domain's mail hosts could not be read: \(unknown.reason)",
            action: "look at the resolvers under 'observe' and run again", actor: .operator)
    }
}
