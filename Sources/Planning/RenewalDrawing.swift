/// What a CA answers when it is asked about a certificate's renewal (RFC 9773).
package enum RenewalAnswer: Hashable, Sendable {
    /// Its window.
    case advice(RenewalAdvice)
    /// It does not say such things.
    case none
    /// It could not be asked, or its answer is none; seconds that it asked to wait, and whether that may pass soon.
    case failed(retryAfter: Int?, passing: Bool)
}

/// When certificates are renewed: drawn once, kept through restarts, drawn anew only when the CA moves its window (ACME-21 to ACME-24).
/// Pure: chance comes in as a number.
package enum RenewalDrawing {
    /// The longest wait until a CA is asked again after a failure that does not pass, in seconds (ACME-22).
    private static let long = 21_600
    /// The first wait after one that may.
    private static let short = 300
    /// Until a CA that says nothing is asked whether it has learnt to.
    private static let day = 86_400

    /// Whether the CA is to be asked at `now`: never about a certificate that has expired (RFC 9773 §4.3).
    package static func isQuestion(about facts: CertificateFacts, known: RenewalMoment?, now: Instant) -> Bool {
        guard now < facts.notAfter else { return false }
        guard let known, known.fingerprint == facts.fingerprint else { return true }
        return known.askAgain <= now
    }

    /// The moment after the CA was asked. `fraction` lies in 0..<1 and spreads a fleet's renewals.
    package static func moment(
        of facts: CertificateFacts, known: RenewalMoment?, answer: RenewalAnswer, fraction: Double, now: Instant
    ) -> RenewalMoment {
        let known = known.flatMap { $0.fingerprint == facts.fingerprint ? $0 : nil }
        var moment: RenewalMoment
        switch answer {
        case .advice(let advice) where advice.start < advice.end:
            moment = known ?? drawn(facts, fraction)
            if !advice.isSameWindow(as: known?.window) {
                let drawn = advice.start + Int(Double(advice.end - advice.start) * bounded(fraction))
                moment.at = min(drawn, latest(facts))
            }
            moment.window = advice
            moment.explanation = advice.explanation
            moment.askAgain = now + min(max(advice.again, 60), day)
            moment.failures = nil
        case .none:
            moment = known ?? drawn(facts, fraction)
            moment.askAgain = now + day
            moment.failures = nil
        case .advice:
            return self.moment(
                of: facts, known: known, answer: .failed(retryAfter: nil, passing: false), fraction: fraction, now: now)
        case .failed(let asked, let passing):
            // What was drawn stays; a fleet's renewals do not move because a CA is down for a while.
            moment = known ?? drawn(facts, fraction)
            let failures = (moment.failures ?? 0) + 1
            moment.failures = failures
            let own = passing ? min(short << min(failures - 1, 10), long) : long
            moment.askAgain = now + min(max(asked ?? own, 60), day)
        }
        return moment
    }

    /// Two thirds of the lifetime, or half (``CertificateDiff/usualDue(for:)``), and somewhat earlier, never later: the rest of the
    /// lifetime is there to try again in.
    private static func drawn(_ facts: CertificateFacts, _ fraction: Double) -> RenewalMoment {
        let usual = CertificateDiff.usualDue(for: facts)
        let spread = Double((usual - facts.notBefore) / 20)
        return RenewalMoment(
            fingerprint: facts.fingerprint, at: usual + -Int(spread * bounded(fraction)), askAgain: usual)
    }

    /// Whatever the CA says, half of what follows the usual moment is left to try again in, and the warning comes in time
    /// (``Overdue``). RFC 9773 §4.2 leaves the moment to the client.
    private static func latest(_ facts: CertificateFacts) -> Instant {
        let usual = CertificateDiff.usualDue(for: facts)
        return usual + (facts.notAfter - usual) / 2
    }

    private static func bounded(_ fraction: Double) -> Double { min(max(fraction, 0), 1) }
}

extension RenewalAdvice {
    fileprivate func isSameWindow(as other: RenewalAdvice?) -> Bool {
        other.map { $0.start == start && $0.end == end } ?? false
    }
}
