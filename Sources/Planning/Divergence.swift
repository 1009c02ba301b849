import DNS
import Findings
import MTASTS

extension Comparison {
    /// What is wanted, the id in DNS and the body served, compared three ways. Where the id is the wanted one and a body is not, a sender
    /// may have taken that body under the id; it never asks again while the id stands (RFC 8461 §3.1), so only another id heals it.
    mutating func judgeDivergence() {
        guard let wanted = stage.wanted.policy,
            let owner = Owned.owner(of: .mtaSTSRecord, zone: input.wish.zone, delegation: input.delegation),
            PolicyIdentity.announcedID(in: input.live[RecordKey(name: owner, type: .txt)].texts) == wanted.id
        else { return }
        var places = (input.live.policy.value ?? []).compactMap { look in
            if case .served(let body) = look.answer, body != wanted.body { look.address } else { String?.none }
        }
        if let hosted = input.live.hosted.value, hosted != wanted.body { places.append("our policy host") }
        guard !places.isEmpty else { return }
        let next = (desired?.mtaSTS?.generation ?? 1) + 1
        findings.append(
            Finding(
                .warning, .policyDiverged,
                "DNS announces \(wanted.id), and \(places.joined(separator: ", ")) served another policy: senders that met both keep that one, since they fetch again only when the id changes",
                action:
                    "once the right policy is served again, raise 'generation' to \(next), so that every sender fetches it"
            ))
    }
}
