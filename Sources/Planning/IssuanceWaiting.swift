/// How long no certificate is ordered after a failure. Pure: what failed comes in as plain values.
package enum IssuanceWaiting {
    /// The first own wait after a failure, in seconds.
    private static let first = 600
    /// The longest wait when there is no certificate to lose, in seconds.
    private static let longestWithout = 3_600

    /// The hold after a failure. What the CA asked for counts as it is; a wait of our own doubles with each failure in a row, and is
    /// never longer than a tenth of what is left of the certificate, or an hour when there is none.
    package static func hold(
        retryAfter: Int?, reason: String, previous: IssuanceHold?, certificate: CertificateFacts?, now: Instant
    ) -> IssuanceHold {
        if let retryAfter {
            return IssuanceHold(until: now + retryAfter, reason: reason, failures: previous?.failures ?? 0)
        }
        let failures = (previous?.failures ?? 0) + 1
        let left = certificate.map { max(0, $0.notAfter - now) / 10 } ?? 0
        let longest = left > 0 ? left : longestWithout
        let own = min(first << min(failures - 1, 10), longest)
        return IssuanceHold(until: now + own, reason: reason, failures: failures)
    }

    /// When a certificate is due: the CA's advice where there is one, else two thirds of its lifetime, half below ten days; drawn
    /// once. `fraction` lies in 0..<1 and spreads a fleet's renewals (ACME-24).
    package static func moment(
        of facts: CertificateFacts, advice: RenewalAdvice?, fraction: Double, now: Instant
    ) -> RenewalMoment {
        let part = min(max(fraction, 0), 1)
        guard let advice, advice.start < advice.end else {
            let usual = CertificateDiff.usualDue(for: facts)
            // Earlier, never later: the rest of the lifetime is there to try again in.
            let spread = (usual - facts.notBefore) / 20
            return RenewalMoment(
                fingerprint: facts.fingerprint, at: usual + -Int(Double(spread) * part), askAgain: now + 21_600)
        }
        return RenewalMoment(
            fingerprint: facts.fingerprint, at: advice.start + Int(Double(advice.end - advice.start) * part),
            askAgain: now + min(max(advice.again, 60), 86_400), explanation: advice.explanation, window: advice)
    }
}
