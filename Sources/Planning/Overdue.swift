package import DNS
package import Findings

/// A certificate that stays although its renewal is due. Pure.
package enum Overdue {
    /// A warning when half of the time between `due` and `expiring` has passed, an error when five sixths have: what is left is the
    /// time for a person. It says what the CA had to say last.
    package static func finding(
        _ host: DomainName, expiring: Instant, due: Instant, hold: IssuanceHold?, isFolder: Bool = false, now: Instant
    ) -> Finding? {
        let room = max(0, expiring - due)
        let gone = now - due
        guard gone >= 0, gone * 2 >= room else { return nil }
        let end = expiring <= now ? "it expired at \(expiring)" : "it expires at \(expiring)"
        return Finding(
            gone * 6 >= room * 5 ? .error : .warning, .certificateOverdue,
            "the certificate of \(host) should have been renewed by \(due), and \(end)"
                + (hold.map { "; the last try ended so: \($0.reason)" } ?? ""),
            action: hold.map { action(after: $0, now: now) }
                ?? HostAdvice.renewal(isFolder: isFolder), actor: .operator)
    }

    private static func action(after hold: IssuanceHold, now: Instant) -> String {
        hold.until > now
            ? "mend what it says; the next try is at \(hold.until), or at once after 'certadns retry'"
            : "mend what it says, and run 'certadns apply'"
    }
}
