import DNS
import DNSClient
import Findings
import Planning
import Synchronization

/// What a run without a provider's secret could not see: primaries that answer no stranger, by the zones read elsewhere.
final class UnseenPrimaries: Sendable {
    private struct Primary: Hashable {
        let server: ServerAddress
        let key: DomainName
        /// Why this run does not have the key.
        let why: String
    }
    private let zones = Mutex<[Primary: Set<DomainName>]>([:])

    func insert(_ zone: DomainName, primary: ServerAddress, key: DomainName, why: String) {
        zones.withLock { _ = $0[Primary(server: primary, key: key, why: why), default: []].insert(zone) }
    }

    /// One note for each primary.
    var findings: [Finding] {
        zones.withLock { $0 }.sorted { "\($0.key.server)" < "\($1.key.server)" }.map { primary, zones in
            let named = zones.sorted().prefix(20).map(\.description).joined(separator: ", ")
            let more = zones.count > 20 ? " and \(zones.count - 20) more" : ""
            return Finding(
                .note, .primaryUnseen,
                "the primary \(primary.server) does not answer without its key '\(primary.key)', and \(primary.why); the zones' own name servers were asked instead for \(named)\(more)",
                action:
                    "nothing, as long as those servers are up to date; give this run the key to read the primary",
                actor: .operator)
        }
    }
}
