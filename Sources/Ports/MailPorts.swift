package import DNS
package import Planning

/// Asks every authoritative server of a domain's zone for its MX records: what all of them show is no accident of one.
///
/// Contract: never throws; a server that gives no usable answer is left out.
package protocol MailHostWatcher: Sendable {
    /// What each server that answers names.
    func mailHosts(of zone: DomainName) async -> [MailHostWord]
}
