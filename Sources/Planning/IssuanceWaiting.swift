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
        let left = certificate.flatMap { $0.notAfter > now ? $0.notAfter - now : nil }
        let own = bounded(first << min(failures - 1, 10), left: left)
        return IssuanceHold(until: now + own, reason: reason, failures: failures)
    }

    /// Seconds until another try after `failures` in a row that left no hold behind: a minute, then twice as long each time, up to an
    /// hour, and never longer than a tenth of what is `left` of the certificate (`nil`: there is none).
    package static func pause(failures: Int, left: Int?) -> Int {
        bounded(min(60 << min(max(failures, 1) - 1, 6), longestWithout), left: left)
    }

    /// A second at least: nobody is asked in a loop.
    private static func bounded(_ own: Int, left: Int?) -> Int {
        max(1, min(own, left.map { $0 / 10 } ?? longestWithout))
    }
}
