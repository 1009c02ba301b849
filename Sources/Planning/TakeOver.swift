import DNS
import Findings

/// A live zone of somebody else's, taken over: senders follow a record that is not ours to a host that is about to be.
extension Comparison {
    /// Whether senders are told of a policy, by whomever; what could not be read may tell them (design, rule 10).
    var isAnnounced: Bool {
        if !(input.ledger?.applied.mtaSTS ?? []).isEmpty { return true }
        let zone = input.wish.zone
        guard let owner = Owned.owner(of: .mtaSTSRecord, zone: zone, delegation: input.delegation) else { return false }
        let seen = input.live[RecordKey(name: owner, type: .txt)]
        return seen.unknown != nil || PolicyIdentity.announcedID(in: seen.texts) != nil
    }

    /// Whether the first certificate can't be had before the host's name leads here: the CA asks there for its proof (http-01).
    var provesByHost: Bool {
        guard input.ledger?.applied.mtaSTS.isEmpty ?? true, input.live.certificate.isAbsent, let desired else {
            return false
        }
        return (desired.challenge == .http01 || desired.challenge == nil && input.wish.provesByHost)
            && desired.issuer != "local"
    }

    /// Says that for a while senders get no policy, where that can't be helped.
    mutating func judgeTakeOver() {
        guard isAnnounced, provesByHost,
            steps.contains(where: { $0.resource == .policyHost && $0.verb == .change && $0.requires == nil })
        else { return }
        findings.append(
            Finding(
                .note, .hostFirst,
                "the name of the policy host leads here before the policy is served here: the CA asks there for its proof (http-01), and until the certificate is issued senders get no policy; they keep what they hold",
                action: "nothing, if that is short enough; or have control proven by dns-01, which needs no such gap"))
    }
}
