package import DNS

/// What one authoritative server answers for a domain's MX records.
package struct MailHostWord: Hashable, Sendable {
    /// The server, as people know it.
    package var server: String
    /// The hosts that it names.
    package var hosts: Set<DomainName>
    /// The TTL of the record set, in seconds; `nil` where there is none.
    package var ttl: UInt32?

    /// One server's answer.
    package init(server: String, hosts: Set<DomainName>, ttl: UInt32? = nil) {
        self.server = server
        self.hosts = hosts
        self.ttl = ttl
    }
}

extension LiveZone {
    /// The authoritative servers that answer and do not name the mail host; where none answers nobody vouches for it, and where none was
    /// asked the resolvers' word counts.
    func lacking(_ host: DomainName) -> [String] {
        guard let mailServers else { return [] }
        if mailServers.isEmpty { return ["no authoritative server"] }
        return mailServers.filter { !$0.hosts.contains(host) }.map(\.server).sorted()
    }
}
