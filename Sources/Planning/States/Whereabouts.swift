package import DNS

/// Whom the world asks about a domain, and whom its provider names: where the two have nothing in common, the domain left.
package struct Whereabouts: Hashable, Sendable {
    /// The domain's name servers as resolvers answer them.
    package var asked: Observation<[DomainName]>
    /// The same as the zone's provider holds them; absent where the domain is no zone of its own.
    package var held: Observation<[DomainName]>

    /// Both views.
    package init(asked: Observation<[DomainName]>, held: Observation<[DomainName]>) {
        self.asked = asked
        self.held = held
    }

    /// Where it is, given the servers that were last seen in both views. Where the two never agreed, nothing can be concluded from it
    /// that they do not: some providers name servers that nobody asks.
    package func verdict(home: [DomainName]) -> Verdict {
        let ours = held.value ?? []
        switch asked {
        case .value(let names) where !Set(names).isDisjoint(with: ours): return .home(ours.sorted())
        case _ where home.isEmpty: return .unknown
        case .unknown: return .unknown
        // Resolvers answer the former names for a while where its servers were renamed.
        case .value(let names) where !Set(names).isDisjoint(with: home):
            return held.unknown != nil ? .home(home) : .unknown
        // What its provider holds as part of another zone never left: it has no servers of its own any more.
        case _ where held.isAbsent: return .unknown
        // The apex of a zone has NS records wherever it is asked for (RFC 1034 §4.2.1).
        case .absent: return .away(to: [])
        case .value(let names): return .away(to: names.sorted())
        }
    }

    /// Where a domain is.
    package enum Verdict: Hashable, Sendable {
        /// Where its provider says, at these servers.
        case home([DomainName])
        /// At other servers, or at none: nothing that is written at its provider reaches anyone.
        case away(to: [DomainName])
        /// It can't be told, or the domain is part of another zone.
        case unknown
    }
}
