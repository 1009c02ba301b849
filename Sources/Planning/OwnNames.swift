import Findings

/// A name of `certadns serve` itself has a certificate and nothing else: no record, no policy, no mail.
///
/// Named by the configuration it is wanted; named no longer it is let go: what is held stays, since nobody's mail hangs on it, and is
/// not renewed any more.
extension LookNeeds {
    /// Only the certificate, and CAA where one is due.
    static func ofOwnName(_ wish: ZoneWish, ledger: ZoneLedger?, now: Instant) -> LookNeeds {
        var needs = LookNeeds.none
        switch wish.wish {
        case .desired: needs.certificate = true
        case .renewal, .unknown: needs.certificate = ledger?.keepsCertificate ?? false
        case .gone: return needs
        }
        needs.caa = needs.certificate && ledger.isDueForCertificate(at: now)
        return needs
    }
}

extension Stage {
    /// A certificate alone, or nothing.
    fileprivate static func ofOwnName(_ certificate: CertificateWish) -> Stage {
        Stage(Publication(), certificate: certificate)
    }
}

extension Comparison {
    /// What is to be done for a name of `serve` itself.
    static func ofOwnName(_ input: PlannerInput) -> Comparison {
        switch input.wish.wish {
        case .desired(let desired):
            var comparison = Comparison(input: input, stage: .ofOwnName(.kept), desired: desired)
            comparison.compareCertificate()
            comparison.compareChallenges()
            return comparison
        case .gone:
            var comparison = Comparison(input: input, stage: .ofOwnName(.none), desired: nil)
            comparison.compareChallenges()
            comparison.findings += [input.released].compactMap { $0 }
            return comparison
        case .renewal, .unknown:
            let isKept = input.ledger?.keepsCertificate ?? false
            var comparison = Comparison(input: input, stage: .ofOwnName(isKept ? .kept : .none), desired: nil)
            comparison.runUpkeep()
            return comparison
        }
    }
}

extension PlannerInput {
    /// That the configuration names it no longer; `nil` where there is no certificate to speak of.
    fileprivate var released: Finding? {
        ledger?.applied.certificate.map { facts in
            Finding(
                .note, .certificateReleased,
                "'serve: names' no longer lists \(wish.owner.host): its certificate is not renewed any more, and ends at \(facts.notAfter)",
                action: "nothing, if nobody uses that name; else list it again", actor: .operator)
        }
    }
}

extension ZoneLedger {
    /// Whether `certadns serve` has to look after a name of its own that `desired` describes: there is no certificate, or one by
    /// another issuer. What is held and grows old is told by ``attention``.
    package func lacksCertificate(_ desired: DesiredZone, at now: Instant) -> Bool {
        if let hold = issuance.hold, hold.until > now { return false }
        return applied.certificate?.issuer != desired.issuer
    }
}

extension ZoneStatus.Condition {
    /// Whether a good certificate is held; what the host shows of it is asked of nobody.
    static func ofOwnName(_ planned: PlannedZone, live: LiveZone, at now: Instant) -> [Self] {
        guard planned.stage?.certificate == .kept else {
            let isReleased = planned.plan.findings.contains { $0.code == .certificateReleased }
            return isReleased ? [Self("certificate", true, "listed no longer: it is kept and not renewed")] : []
        }
        switch live.certificate {
        case .unknown(let unknown): return [Self("certificate", nil, unknown.reason)]
        case .absent: return [Self("certificate", false, "none is held")]
        case .value(let facts):
            return [Self("certificate", now < facts.notAfter, "by '\(facts.issuer)' until \(facts.notAfter)")]
        }
    }
}
