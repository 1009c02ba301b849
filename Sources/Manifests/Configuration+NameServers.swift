extension Configuration {
    /// Which name servers are asked what they show of a zone with these providers: those of its NS records where the list is empty, and nobody
    /// without a list. The NS records of a zone file do not tell at which ports it is served, so beside one only the stated servers are asked, or
    /// the primaries of the zone's other providers.
    package func askedServers(of names: [String]) -> [Endpoint]? {
        guard nameServers.isEmpty, hasFile(among: names) else { return nameServers }
        let primaries = names.compactMap { name -> Endpoint? in
            if case .rfc2136(let server, _, _)? = providers[name] { server } else { nil }
        }
        return primaries.isEmpty ? nil : primaries
    }

    /// Whether what a zone with these providers shows is partly a belief: the servers that read its file are not asked.
    package func assumesReplacement(of names: [String]) -> Bool { nameServers.isEmpty && hasFile(among: names) }

    private func hasFile(among names: [String]) -> Bool {
        names.contains { name in
            if case .zoneFile? = providers[name] { true } else { false }
        }
    }
}
