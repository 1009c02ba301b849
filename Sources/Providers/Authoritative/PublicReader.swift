package import DNS
package import DNSClient
package import Planning
package import Ports

/// What everybody can see of a zone, for runs that have no secret of its provider: the primary as far as it answers strangers,
/// else the zone's authoritative servers, if those that answer agree.
package struct PublicReader: DNSReader {
    private let primary: AuthoritativeReader
    private let primaryAddress: ServerAddress
    private let resolver: any Resolver
    private let readers: AuthoritativeReaders
    private let onUnseen: @Sendable (ServerAddress) -> Void

    /// A reader; `onUnseen` is told the primary when it does not answer strangers.
    package init(
        _ readers: AuthoritativeReaders, primary: ServerAddress, resolver: any Resolver,
        onUnseen: @escaping @Sendable (ServerAddress) -> Void
    ) {
        self.readers = readers
        self.primary = readers.reader(of: primary)
        primaryAddress = primary
        self.resolver = resolver
        self.onUnseen = onUnseen
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        var found = await primary.read(keys)
        let missing = keys.filter { found[$0]?.unknown != nil }
        guard !missing.isEmpty else { return found }
        onUnseen(primaryAddress)
        for (owner, keys) in Dictionary(grouping: missing, by: \.name) {
            switch await ZoneServers(resolver: resolver).servers(of: owner, but: primaryAddress) {
            case .success(let servers):
                let looks = await look(at: servers, keys)
                for key in keys { found[key] = Self.agreed(key, looks, primary: found[key]?.unknown) }
            case .failure(let why):
                for key in keys { found[key] = found[key]?.unknown.map { .unknown($0.adding(why.reason)) } }
            }
        }
        return found
    }

    private typealias Look = (server: ZoneServers.Server, seen: [RecordKey: Observation<RecordSet>])

    private func look(at servers: Set<ZoneServers.Server>, _ keys: [RecordKey]) async -> [Look] {
        await withTaskGroup(of: Look.self) { group in
            for server in servers { group.addTask { (server, await readers.reader(of: server.address).read(keys)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// One answer, if all servers that answer give the same.
    private static func agreed(_ key: RecordKey, _ looks: [Look], primary: Unknown?) -> Observation<RecordSet> {
        var answers: [Observation<RecordSet>: [String]] = [:]
        var failures: [String] = []
        for look in looks.sorted(by: {
            ($0.server.name, "\($0.server.address)") < ($1.server.name, "\($1.server.address)")
        }) {
            switch look.seen[key] {
            case .unknown(let unknown)?: failures.append(unknown.reason)
            case let answer?: answers[answer, default: []].append("\(look.server.name) (\(look.server.address))")
            case nil: break
            }
        }
        if let (answer, _) = answers.first, answers.count == 1 { return answer }
        let detail =
            answers.isEmpty
            ? failures.joined(separator: "; ")
            : "the zone's name servers don't agree: "
                + answers.map { "\($1.joined(separator: ", ")): \(words($0))" }.sorted().joined(separator: "; ")
                + "; one of them lags behind"
        return .unknown((primary ?? Unknown("the primary was not asked")).adding(detail))
    }

    private static func words(_ answer: Observation<RecordSet>) -> String {
        answer.value?.data.map(\.description).joined(separator: ", ") ?? "nothing"
    }
}

extension Unknown {
    /// The same, with what was tried besides.
    fileprivate func adding(_ reason: String) -> Unknown { Unknown("\(self.reason); \(reason)", passing: passing) }
}
