package import DNS
package import Findings
import MTASTS
import TLSRPT

/// How a zone stands, judged from what DNS and HTTPS answer, never from the ledger alone.
package struct ZoneStatus: Hashable, Sendable, Codable {
    /// The mail domain.
    package var zone: DomainName
    /// The word for it.
    package var state: State
    /// Something that matters could not be read, or the manifest could not: the state is the worst that it may be.
    package var isUnread: Bool
    /// What it rests on.
    package var conditions: [Condition]
    /// Findings of severity error in the zone's plan: a ready zone may have some too.
    package var errors: [Finding]
    /// When the certificate held falls due.
    package var renewal: DueRenewal?

    /// One zone's status.
    package init(
        zone: DomainName, state: State, isUnread: Bool = false, conditions: [Condition], errors: [Finding] = [],
        renewal: DueRenewal? = nil
    ) {
        self.zone = zone
        self.state = state
        self.isUnread = isUnread
        self.conditions = conditions
        self.errors = errors
        self.renewal = renewal
    }

    /// The words of the design.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case ready, pending, degraded, drifted, blocked, lost
        case notApplicable = "not-applicable"
    }

    /// One thing that must hold.
    package struct Condition: Hashable, Sendable, Codable {
        /// What.
        package var name: String
        /// Whether it holds; `nil` where that can't be told.
        package var holds: Bool?
        /// Why, in one sentence.
        package var reason: String

        /// One condition.
        package init(_ name: String, _ holds: Bool?, _ reason: String) {
            self.name = name
            self.holds = holds
            self.reason = reason
        }
    }

    /// Judges a zone by its fresh plan and look, which were made at `now`.
    package static func judge(_ planned: PlannedZone, live: LiveZone, at now: Instant) -> ZoneStatus {
        let plan = planned.plan
        let conditions =
            CertificateOwner(key: plan.zone).isOwnName
            ? Condition.ofOwnName(planned, live: live, at: now)
            : planned.stage.map { Self.conditions($0.wanted, live: live) } ?? []
        var told = conditions.map { $0.explained(by: plan.steps) }
        var spreading = planned.stage.map { Self.spreading($0.wanted, live) } ?? []
        if planned.stage?.withdrawal != nil, let hold = planned.stage?.holds.first {
            told.append(
                Condition("withdrawal", false, hold.reason + (hold.until.map { " (until \($0))" } ?? "")))
            spreading.insert("withdrawal")
        }
        let state: State =
            switch plan.verdict {
            case .blocked: plan.findings.contains { $0.code == .zoneLost } ? .lost : .blocked
            case .notApplicable: .notApplicable
            case .unknown: .degraded
            case .inSync, .changes:
                if plan.steps.contains(where: { $0.causes.contains(.drift) }) {
                    .drifted
                } else if !plan.steps.isEmpty {
                    // What a withdrawal takes away in its time was wanted; a renewal that nobody made was not.
                    plan.steps.allSatisfy { $0.causes == [.due] && ($0.verb != .delete || $0.resource == .challenge) }
                        ? .degraded : .pending
                } else if plan.findings.contains(where: { $0.code == .delegationMissing && $0.severity != .error }) {
                    .pending
                } else {
                    Self.state(told, spreading: spreading)
                }
            }
        return ZoneStatus(
            zone: plan.zone, state: state, isUnread: plan.verdict == .unknown, conditions: told,
            errors: plan.findings.filter { $0.severity == .error }, renewal: plan.renewal)
    }

    /// With nothing to do, what does not hold yet is either on its way through senders' resolvers or broken.
    private static func state(_ conditions: [Condition], spreading: Set<String>) -> State {
        let failing = conditions.filter { $0.holds != true }
        if failing.isEmpty { return .ready }
        return failing.allSatisfy { spreading.contains($0.name) } ? .pending : .degraded
    }

    /// The conditions that fail for no other reason than that resolvers still answer what was there before.
    private static func spreading(_ wanted: Publication, _ live: LiveZone) -> Set<String> {
        var names: Set<String> = []
        if wanted.mtaSTS.contains(where: { live.stillAnswered(insteadOf: $0) != nil }) { names.insert("record") }
        if wanted.tlsRPT.contains(where: { live.stillAnswered(insteadOf: $0) != nil }) { names.insert("reports") }
        // The host is there at its provider, and resolvers know of none yet.
        if live.policy.isAbsent, wanted.host.contains(where: { live[$0.key].value != nil }) {
            names.formUnion(["policy", "certificate"])
        }
        return names
    }

    private static func conditions(_ wanted: Publication, live: LiveZone) -> [Condition] {
        var conditions: [Condition] = []
        if !wanted.mtaSTS.isEmpty {
            conditions += [
                record(live).spreading(wanted.mtaSTS, live), policy(wanted, live), certificate(live),
            ]
            conditions += Condition.formerHosts(wanted, live)
        }
        if !wanted.tlsRPT.isEmpty { conditions.append(reports(live).spreading(wanted.tlsRPT, live)) }
        return conditions
    }

    private static func record(_ live: LiveZone) -> Condition {
        let seen = live.sendersTexts(at: WellKnown.recordName(live.zone))
        if let unknown = seen.unknown { return Condition("record", nil, unknown.reason) }
        switch RecordSelection.select(from: seen.value ?? []) {
        case .one(let record, _): return Condition("record", true, "id \(record.id)")
        case .absent: return Condition("record", false, "there is no MTA-STS record")
        case .several(let count):
            return Condition("record", false, "\(count) MTA-STS records stand there, so senders see none")
        case .malformed(let defect, _): return Condition("record", false, "the MTA-STS record is malformed: \(defect)")
        }
    }

    private static func policy(_ wanted: Publication, _ live: LiveZone) -> Condition {
        switch live.policy {
        case .unknown(let unknown): return Condition("policy", nil, unknown.reason)
        case .absent: return Condition("policy", false, "the policy host has no address")
        case .value(let looks):
            for look in looks {
                switch look.answer {
                case .served(let body) where body == wanted.policy?.body: continue
                case .served: return Condition("policy", false, "\(look.address) serves another policy")
                case .notServed(let kind, let words):
                    return Condition("policy", false, "\(look.address) (\(kind.rawValue)): \(words)")
                case .unknown(let words): return Condition("policy", nil, "\(look.address): \(words)")
                }
            }
            return Condition("policy", !looks.isEmpty, "served by \(looks.map(\.address).joined(separator: ", "))")
        }
    }

    private static func certificate(_ live: LiveZone) -> Condition {
        guard let looks = live.policy.value else { return Condition("certificate", nil, "no look at the policy host") }
        guard let facts = looks.lazy.compactMap(\.certificate).min(by: { $0.notAfter < $1.notAfter }) else {
            return Condition("certificate", false, "the policy host shows no certificate")
        }
        let isAccepted = looks.allSatisfy { look in
            if case .notServed(.certificate, _) = look.answer { false } else { true }
        }
        return Condition("certificate", isAccepted, "by '\(facts.issuer)' until \(facts.notAfter)")
    }

    private static func reports(_ live: LiveZone) -> Condition {
        let seen = live.sendersTexts(at: TLSRPTRecord.recordName(live.zone))
        if let unknown = seen.unknown { return Condition("reports", nil, unknown.reason) }
        switch TLSRPTSelection.select(from: seen.value ?? []) {
        case .one(let record): return Condition("reports", true, "to \(record.rua.joined(separator: ", "))")
        case .absent: return Condition("reports", false, "there is no TLS-RPT record")
        case .several(let count):
            return Condition("reports", false, "\(count) TLS-RPT records stand there, so senders see none")
        case .malformed(let defect): return Condition("reports", false, "the TLS-RPT record is malformed: \(defect)")
        }
    }
}

extension ZoneStatus.Condition {
    /// A certificate that is to be replaced says why: senders that do not ask the CA take a revoked one for a good one.
    fileprivate func explained(by steps: [Step]) -> Self {
        guard name == "certificate", let step = steps.first(where: { $0.resource == .certificate && $0.verb == .renew })
        else { return self }
        return Self(name, holds, "\(reason); \(step.reason)")
    }

    /// The record is right at its provider, but resolvers answer another one: it fails until they do not.
    fileprivate func spreading(_ wanted: [RecordSet], _ live: LiveZone) -> Self {
        guard let set = wanted.first, let old = live.stillAnswered(insteadOf: set) else { return self }
        let words = old.isEmpty ? "that there is nothing" : old.map(\.description).joined(separator: ", ")
        return Self(name, false, "resolvers still answer \(words); what they keep ends within \(set.ttl) s")
    }
}

extension LiveZone {
    /// What senders' resolvers answer although the provider already has `set`; `nil` where both agree, or nobody asked.
    fileprivate func stillAnswered(insteadOf set: RecordSet) -> [RecordData]? {
        guard let seen = seen[set.key], seen.unknown == nil, self[set.key].value?.data == set.data else { return nil }
        let answered = seen.value ?? []
        return Set(answered) == Set(set.data) ? nil : answered
    }

    /// The TXT records at `name` as senders get them.
    fileprivate func sendersTexts(at name: DomainName) -> Observation<[[UInt8]]> {
        let key = RecordKey(name: name, type: .txt)
        guard let seen = seen[key] else { return self[key].map(\.texts) }
        return seen.map { data in data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } } }
    }
}
