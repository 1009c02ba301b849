package import DNS
import MTASTS
package import TLSRPT

/// What a manifest has to say so that what is live stays as it is: how a zone comes under management.
package struct Import: Hashable, Sendable {
    /// The mail domain.
    package let zone: DomainName
    /// The policy that senders get; `nil` where they get none.
    package private(set) var mtaSTS: MTASTSDesire?
    /// Where reports go; empty where there is no record.
    package private(set) var rua: [ReportURI] = []
    /// Whether the domain has mail.
    package private(set) var receivesMail = true
    /// Whether its names are aliases into the zone that delegated zones have.
    package private(set) var isDelegated = false
    /// Whether record sets stand at its names that were never ours.
    package private(set) var adopts = false
    /// Whether its max_age is one that some senders replace.
    package var needsAgeWaiver: Bool { mtaSTS.map { !MaxAge.safe.contains($0.maxAge.seconds) } ?? false }
    /// What could not be said in a manifest, or is worth a look; in our own words and with live values, for the terminal.
    package private(set) var notes: [String] = []

    private init(zone: DomainName) { self.zone = zone }

    /// Reads a look at a zone that no ledger manages. `delegation` is where delegated zones' records stand, if any can be.
    package static func read(_ live: LiveZone, delegation: Delegation?) throws(ImportRefusal) -> Import {
        var found = Import(zone: live.zone)
        found.isDelegated = delegation.map { found.isAlias(live, into: $0) } ?? false
        if !found.isDelegated {
            let keys = Owned.keys(of: live.zone)
            for key in keys {
                if let unknown = live[key].unknown {
                    throw ImportRefusal(
                        "what stands at \(key.name) \(key.type) can't be read: \(unknown.reason)",
                        action: "name the zone's provider with --dns, or mend that")
                }
            }
            found.adopts = keys.contains { live[$0].value != nil }
        }
        let hosts = try found.mailHosts(live)
        let texts = try found.texts(live, .mtaSTSRecord)
        try found.readPolicy(live, texts: texts, hosts: hosts)
        found.readReports(try found.texts(live, .tlsRPTRecord))
        found.noteNullMX()
        guard found.mtaSTS != nil || !found.rua.isEmpty || !found.receivesMail else {
            throw ImportRefusal(
                "senders get neither a policy nor a TLS-RPT record" + (found.notes.first.map { ": \($0)" } ?? ""),
                action: "write zones/\(live.zone).yaml yourself")
        }
        return found
    }

    /// The owner of a delegated zone made its names aliases of ours.
    private func isAlias(_ live: LiveZone, into delegation: Delegation) -> Bool {
        [Resource.mtaSTSRecord, .tlsRPTRecord].contains { resource in
            guard let name = Owned.owner(of: resource, zone: zone),
                let ours = delegation.owner(of: resource, zone: zone)
            else { return false }
            return live.aliases[name]?.value == ours
        }
    }

    private mutating func mailHosts(_ live: LiveZone) throws(ImportRefusal) -> [DomainName] {
        switch live.mx {
        case .unknown(let unknown):
            throw ImportRefusal("the mail hosts can't be read: \(unknown.reason)", action: "run it again")
        case .absent: return []
        case .value(let mx):
            receivesMail = !mx.allSatisfy(\.isNull)
            return mx.filter { !$0.isNull }.map(\.host)
        }
    }

    /// The TXT values at a name, as senders get them. An alias there belongs to whoever serves it.
    private mutating func texts(_ live: LiveZone, _ resource: Resource) throws(ImportRefusal) -> [[UInt8]] {
        guard let name = Owned.owner(of: resource, zone: zone) else { return [] }
        if !isDelegated, let alias = live[RecordKey(name: name, type: .cname)].value {
            for case .cname(let target) in alias.data {
                let words =
                    "\(name) is a CNAME to \(target): \(KnownHolder.name(of: target) ?? "another host") seems to hold it"
                if resource == .tlsRPTRecord {
                    notes.append(words + ", and it is left there")
                    return []
                }
                throw ImportRefusal(
                    words,
                    action:
                        "end it there first; or write the manifest yourself, with 'adopt: true', which takes it over"
                )
            }
        }
        switch live.seen[RecordKey(name: name, type: .txt)] ?? .unknown(.notAsked) {
        case .unknown(let unknown):
            throw ImportRefusal("\(name) TXT can't be read: \(unknown.reason)", action: "run it again")
        case .absent: return []
        case .value(let data):
            return data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } }
        }
    }

    private mutating func readPolicy(_ live: LiveZone, texts: [[UInt8]], hosts: [DomainName]) throws(ImportRefusal) {
        let host = WellKnown.hostName(zone)
        switch RecordSelection.select(from: texts) {
        case .absent:
            if live.servedBody != nil {
                notes.append("\(host) serves a policy that no record announces: it is left out")
            }
            return
        case .several(let count):
            notes.append(
                "\(count) MTA-STS records stand at \(WellKnown.recordName(zone)), so that senders see none: the policy is left out"
            )
            return
        case .malformed(let defect, _):
            notes.append("the record at \(WellKnown.recordName(zone)) is malformed (\(defect)): the policy is left out")
            return
        case .one: break
        }
        if case .value(let set) = live[RecordKey(name: host, type: .cname)], !isDelegated {
            for case .cname(let target) in set.data {
                if let holder = KnownHolder.name(of: target) {
                    throw ImportRefusal(
                        "\(host) is a CNAME to \(target): \(holder) seems to serve the policy",
                        action:
                            "end it there first; or write the manifest yourself, with 'adopt: true', which takes it over"
                    )
                }
                notes.append(
                    "\(host) is a CNAME to \(target), which the policy host of certadns.yaml takes the place of")
            }
        }
        guard let body = live.servedBody else {
            throw ImportRefusal(
                "a policy is announced, and senders get none or several: \(live.policyWords)",
                action: "mend the policy host that is there, so that it is known what senders hold")
        }
        let policy: Policy
        do throws(PolicyDefect) { policy = try Policy.parse(Array(body.utf8)) } catch {
            throw ImportRefusal(
                "the policy that \(host) serves is none: \(error)", action: "mend it there; senders have no policy now")
        }
        if !policy.extensions.isEmpty {
            notes.append(
                "these keys of the policy are left out: \(policy.extensions.map(\.key).joined(separator: ", "))")
        }
        let isDerived = Set(policy.mx) == Set(hosts.map { MXPattern(exactly: $0.lowercased) })
        if !isDerived {
            notes.append(
                "the policy lists other hosts than MX, so they are listed in the manifest and follow nothing: \(policy.mx.map(\.description).joined(separator: ", "))"
            )
        }
        mtaSTS = MTASTSDesire(
            mode: policy.mode, mx: isDerived ? .derived(also: []) : .patterns(policy.mx), maxAge: policy.maxAge)
        if needsAgeWaiver {
            notes.append(
                "its max_age of \(policy.maxAge) s is one that some senders replace by a day: the manifest waives that")
        }
    }

    /// A domain without mail asks for nothing: what stands there all the same is left where it is.
    private mutating func noteNullMX() {
        guard !receivesMail else { return }
        if mtaSTS != nil {
            notes.append("MX says that the domain has no mail: the policy that senders get is left out of the manifest")
        }
        if !rua.isEmpty {
            notes.append("MX says that the domain has no mail: the TLS-RPT record is left out of the manifest")
        }
        if adopts {
            notes.append(
                "what stands at the domain's names is not taken over, and stays: remove it by hand, if nobody needs it")
        }
    }

    /// A sender that meets several records takes none (RFC 8460 §3); what they name is asked for all the same.
    private mutating func readReports(_ texts: [[UInt8]]) {
        let records = texts.filter { $0.starts(with: Array("v=TLSRPTv1".utf8)) }
        if records.count > 1 {
            notes.append(
                "\(records.count) TLS-RPT records stand there, so that senders see none: the manifest names the addresses of all"
            )
        }
        for text in records {
            guard let record = try? TLSRPTRecord(parsing: text) else {
                notes.append("a TLS-RPT record is malformed, and is left out")
                continue
            }
            for address in record.rua {
                do throws(ReportURIError) {
                    let uri = try ReportURI(address)
                    if !rua.contains(uri) { rua.append(uri) }
                } catch {
                    notes.append("a report address is left out: \(error)")
                }
            }
        }
    }
}

extension LiveZone {
    /// What each address of the policy host answers, where that is no policy.
    fileprivate var policyWords: String {
        switch policy {
        case .absent: "the policy host has no address"
        case .unknown(let unknown): unknown.reason
        case .value(let looks):
            looks.map { look in
                switch look.answer {
                case .served: "\(look.address) serves one"
                case .notServed(_, let words), .unknown(let words): "\(look.address): \(words)"
                }
            }.joined(separator: "; ")
        }
    }
}

/// Why a zone can't be imported.
package struct ImportRefusal: Error, Hashable, Sendable {
    /// What stands against it.
    package let message: String
    /// What to do.
    package let action: String

    /// A refusal.
    package init(_ message: String, action: String) {
        self.message = message
        self.action = action
    }
}
