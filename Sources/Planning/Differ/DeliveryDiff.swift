package import Findings

/// Whether a web server of others must be given the certificate that is held.
package enum DeliveryDiff: Hashable, Sendable {
    /// It has it, or there is none to give.
    case same
    /// It must be given, and why.
    case change(verb: Step.Verb, causes: [Cause], reason: String)
    /// It can't be told what it has.
    case unknown(Finding)

    /// The certificate held against the one delivered; `issue` is the step that brings another one, `isBegun` says that a run was
    /// cut off between the two.
    package static func diff(
        held: Observation<CertificateFacts>, delivered: Observation<DeliveredCertificate>, issue: Step?, isBegun: Bool
    ) -> DeliveryDiff {
        if let unknown = delivered.unknown {
            return .unknown(
                Finding(
                    .error, .policyCertificate,
                    "what the policy host's web server was given could not be read: \(unknown.reason)",
                    action: "look at the folder under 'policy_host' and run again", actor: .operator))
        }
        let verb: Step.Verb = delivered.isAbsent ? .create : .change
        if let issue {
            // What is given then also mends what somebody changed; that has not to wait where the issuance has.
            let isDrift = held.value.map { $0.fingerprint != delivered.value?.fingerprint } ?? false
            return .change(
                verb: verb, causes: issue.causes + (isDrift ? [.drift] : []),
                reason: "the web server shows what lies in its folder")
        }
        guard let held = held.value, held.fingerprint != delivered.value?.fingerprint else { return .same }
        if isBegun {
            return .change(verb: verb, causes: [.due], reason: "an earlier run issued it and ended before this")
        }
        return .change(
            verb: verb, causes: [.drift],
            reason: delivered.value.map { words($0, held: held) }
                ?? "the web server's folder has no certificate with its key")
    }

    private static func words(_ delivered: DeliveredCertificate, held: CertificateFacts) -> String {
        guard delivered.facts.fingerprint == held.fingerprint else {
            return "the web server's folder has another certificate than the one that is held"
        }
        return switch delivered.keyFault {
        case .empty: "the key in the web server's folder is empty; without it no handshake succeeds"
        case .unreadable: "what lies in the web server's folder as key can't be read as one; no handshake succeeds"
        case .foreign, nil: "the key in the web server's folder does not belong to its certificate"
        }
    }
}
