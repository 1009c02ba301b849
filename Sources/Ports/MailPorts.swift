package import DNS
package import Planning

/// Asks a mail host for its certificate as a sender does that delivers only to a host that proves its name (RFC 8461 §4.2).
///
/// Contract: greeting, EHLO, STARTTLS with the host's name as SNI, and no further: no mail is begun. Never throws, ends within a bounded
/// time, and takes a bounded number of octets. What can't be reached from here is `.unknown`, never `.failing`.
package protocol MailHostProbe: Sendable {
    /// The verdict on the host over all of its addresses.
    func check(_ host: DomainName, at addresses: [IPAddress]) async -> MailHostVerdict
}

/// Asks every authoritative server of a domain's zone for its MX records: what all of them show is no accident of one.
///
/// Contract: never throws; a server that gives no usable answer is left out.
package protocol MailHostWatcher: Sendable {
    /// What each server that answers names.
    func mailHosts(of zone: DomainName) async -> [MailHostWord]
}
