import DNS

/// A place that the policy host's name left while resolvers may still lead senders there (design: "What a zone owns").
package struct FormerHost: Hashable, Sendable, Codable {
    /// One address, or the name that the host's name was an alias of.
    package var place: HostTarget
    /// Until when it has to serve on: the record's TTL and a day after the record changed.
    package var until: Instant

    /// A place with its time.
    package init(place: HostTarget, until: Instant) {
        self.place = place
        self.until = until
    }
}

extension HostTarget: CustomStringConvertible {
    /// As people say it.
    package var description: String {
        switch self {
        case .addresses(let addresses): addresses.map(\.description).joined(separator: ", ")
        case .cname(let name): "\(name)"
        }
    }
}

extension ZoneLedger {
    /// Remembers what of the host that was announced is no longer named. A place that is named again is no former one.
    mutating func leaveHost(for next: [RecordSet], at now: Instant) {
        let places = Set(next.flatMap(\.places))
        formerHosts.removeAll { places.contains($0.place) }
        let isAnnounced = !applied.mtaSTS.isEmpty || intents.contains { $0.resource == .mtaSTSRecord }
        guard isAnnounced, !next.isEmpty else { return }
        for set in applied.host {
            for place in set.places where !places.contains(place) {
                formerHosts.removeAll { $0.place == place }
                formerHosts.append(FormerHost(place: place, until: now + Int(set.ttl) + 86_400))
            }
        }
    }
}

extension RecordSet {
    /// Where the host's record leads.
    fileprivate var places: [HostTarget] {
        data.compactMap { data in
            if case .cname(let name) = data { .cname(name) } else { data.address.map { .addresses([$0]) } }
        }
    }
}
