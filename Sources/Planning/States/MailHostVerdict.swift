import DNS

/// What a mail host shows to a sender that delivers only over TLS to a host that proves its name (RFC 8461 §4.2).
package enum MailHostVerdict: Hashable, Sendable {
    /// Its certificate is valid and names the host.
    case valid
    /// Such a sender delivers nothing there: why, and in words of which the host is the subject.
    case failing(Fault, String)
    /// It answered, and would not talk with us: nothing is known of its certificate.
    case refused(String)
    /// It could not be asked from here. Many networks let nobody out to port 25, which says nothing of the host.
    case unknown(Unknown)

    /// Why such a sender delivers nothing.
    package enum Fault: String, Hashable, Sendable, CaseIterable {
        /// The certificate is for other names.
        case names
        /// It leads to no CA that is trusted, or can't be read.
        case trust
        /// It has expired, or does not count yet.
        case dates
        /// There is no STARTTLS to be had.
        case starttls
        /// TLS was begun, and did not come about.
        case handshake
    }

    /// The verdict on a host of several addresses, of which a sender may take any: one bad address is bad, and one that can't be reached from
    /// here (IPv6 often can't) says nothing against the others.
    package static func together(_ verdicts: [MailHostVerdict]) -> MailHostVerdict {
        func first(_ matches: (MailHostVerdict) -> Bool) -> MailHostVerdict? { verdicts.first(where: matches) }
        return first { if case .failing = $0 { true } else { false } }
            ?? first { $0 == .valid }
            ?? first { if case .refused = $0 { true } else { false } }
            ?? verdicts.first ?? .unknown(Unknown("it has no address", passing: false))
    }
}

extension LiveZone {
    /// What is known of a mail host's certificate; a host that nobody asked is unknown.
    func verdict(on host: DomainName) -> MailHostVerdict {
        mailChecks[host] ?? .unknown(Unknown("mail hosts are not asked from this machine", passing: false))
    }
}
