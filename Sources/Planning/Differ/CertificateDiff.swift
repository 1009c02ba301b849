package import DNS
package import Findings

/// Whether the policy host needs another certificate.
package enum CertificateDiff: Hashable, Sendable {
    /// Nothing to do.
    case same
    /// One is needed, and why.
    case change(verb: Step.Verb, causes: [Cause], reason: String)
    /// It can't be told which one there is.
    case unknown(Finding)

    /// Wanted name against the certificate held and the one last issued. A renewal is planned only once it is due.
    package static func diff(
        host: DomainName, issuer: String, applied: CertificateFacts?, held: Observation<CertificateFacts>,
        renewal: RenewalMoment?, now: Instant
    ) -> CertificateDiff {
        switch held {
        case .unknown(let unknown):
            return .unknown(
                Finding(
                    .error, .policyCertificate, "the certificate held for \(host) could not be read: \(unknown.reason)",
                    action: "look at the state folder and run again", actor: .operator))
        case .absent:
            return applied == nil
                ? .change(verb: .issue, causes: [.commit], reason: "there is no certificate for \(host)")
                : .change(
                    verb: .issue, causes: [.drift],
                    reason: "the certificate that was issued for \(host) is gone from the store")
        case .value(let facts):
            if !facts.isFor(host) {
                return .change(
                    verb: .issue, causes: [.commit],
                    reason: "the certificate held names \(facts.names.joined(separator: ", ")), not \(host)")
            }
            if facts.issuer != issuer {
                return .change(
                    verb: .issue, causes: [.commit],
                    reason: "the issuer is now '\(issuer)', the certificate is by '\(facts.issuer)'")
            }
            let drawn = renewal.flatMap { $0.fingerprint == facts.fingerprint ? $0 : nil }
            let due = drawn?.at ?? usualDue(for: facts)
            if facts.notAfter <= now {
                return .change(verb: .renew, causes: [.due], reason: "the certificate expired at \(facts.notAfter)")
            }
            if due <= now, drawn?.discardsKey ?? false {
                return .change(
                    verb: .renew, causes: [.due], reason: "it was revoked at \(due), and another one takes its place")
            }
            if due <= now {
                return .change(
                    verb: .renew, causes: [.due],
                    reason: "renewal is due since \(due); the certificate expires at \(facts.notAfter)"
                        + (drawn?.explanation.map { "; the CA explains at \($0)" } ?? ""))
            }
            return .same
        }
    }

    /// Without a CA's own word: two thirds of the lifetime, half where it is under ten days (ACME-24).
    package static func usualDue(for facts: CertificateFacts) -> Instant {
        let lifetime = facts.notAfter - facts.notBefore
        return facts.notBefore + (lifetime < 10 * 86_400 ? lifetime / 2 : lifetime / 3 * 2)
    }
}

extension CertificateFacts {
    /// Whether it names `host`; DNS does not tell cases apart.
    func isFor(_ host: DomainName) -> Bool {
        names.contains { $0.lowercased() == host.description.lowercased() }
    }
}
