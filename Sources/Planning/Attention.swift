/// When a zone's certificate next needs somebody, and how urgent that is: what a store finds due zones by.
package struct Attention: Hashable, Sendable {
    /// From this moment on.
    package var at: Instant
    /// When the certificate held ends; what ends first goes first.
    package var expires: Instant

    /// A need.
    package init(at: Instant, expires: Instant) {
        self.at = at
        self.expires = expires
    }
}

extension ZoneLedger {
    /// When the certificate is to be renewed, its CA to be asked, it to be delivered, or a proof to be taken away; `nil` where there is no certificate to
    /// keep up. Pure: every store keeps what this says of its ledgers.
    package var attention: Attention? {
        guard let held = applied.certificate, keepsCertificate else { return nil }
        let drawn = issuance.renewal.flatMap { $0.fingerprint == held.fingerprint ? $0 : nil }
        var at = min(drawn?.at ?? CertificateDiff.usualDue(for: held), held.notAfter)
        if let hold = issuance.hold { at = max(at, hold.until) }
        let asked = drawn?.askAgain ?? Instant(seconds: 0)
        if asked < held.notAfter { at = min(at, asked) }
        if !issuance.challenges.isEmpty, issuance.order == nil { at = Instant(seconds: 0) }
        // What a web server of others is owed waits for no CA.
        if intents.contains(where: { $0.resource == .delivery }) { at = Instant(seconds: 0) }
        return Attention(at: at, expires: held.notAfter)
    }
}
