import DNS
import Logging
import Planning
import Ports

/// Finds the policy of a zone, as the store has it now or had it a few seconds ago.
struct PolicySelection: Sendable {
    private let policies: any PolicyReader
    private let cache: FreshCache<DomainName, PublishedBody>
    private let failures: RepeatedFailures

    init(policies: any PolicyReader, moments: StoreMoments, limits: PolicyServer.Limits, logger: Logger) {
        self.policies = policies
        cache = FreshCache(limit: limits.cachedNames, moments: moments)
        failures = RepeatedFailures(logger: logger, what: "policies")
    }

    /// The policy of `zone` if it is in memory and may be served without asking the store.
    func known(_ zone: DomainName) -> PublishedBody? { cache.known(zone) }

    /// The policy of `zone`; `nil` only when the store positively has none.
    func policy(of zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await failures.watch { () throws(Failure) in
            try await cache.value(for: zone) { _ throws(Failure) in try await policies.policy(for: zone) }
        }
    }
}
