package import DNS

/// Whether the world is still what a reviewed plan saw.
package enum Review {
    /// Why a reviewed zone that nothing asks for any more is skipped.
    package static let stray = "no manifest and no ledger knows it any more; plan again and review it"

    /// What moved since; `nil` when every step due now was reviewed. A reviewed step that is no longer due counts as done.
    package static func moved(from reviewed: ZonePlan, to fresh: ZonePlan) -> String? {
        if reviewed == .unreviewed(fresh.zone) { return "the reviewed plan does not have this zone; plan again" }
        if reviewed.digest != fresh.digest {
            return "the manifest is not the one that was planned; plan again and review it"
        }
        let known = Set(reviewed.steps.map(\.effect))
        guard let strange = fresh.steps.first(where: { !known.contains($0.effect) }) else { return nil }
        return
            "what is live moved since the plan: the \(strange.resource.words) would now change otherwise (\(strange.reason)); plan again"
    }
}

extension ZonePlan {
    /// Stands for a zone that the reviewed plan does not have: whatever is due in it was seen by nobody.
    package static func unreviewed(_ zone: DomainName) -> ZonePlan {
        ZonePlan(zone: zone, digest: "not reviewed", verdict: .inSync)
    }
}

extension Resource {
    /// As people say it.
    package var words: String {
        switch self {
        case .tlsRPTRecord: "TLS-RPT record"
        case .policyHost: "policy host record"
        case .certificate: "certificate"
        case .challenge: "challenge"
        case .delivery: "certificate's delivery"
        case .policy: "policy"
        case .mtaSTSRecord: "MTA-STS record"
        }
    }
}
