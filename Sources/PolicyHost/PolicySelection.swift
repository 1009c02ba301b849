import DNS
import Logging
import Planning
import Ports

/// Finds the policy of a zone, at most a few seconds old.
struct PolicySelection: Sendable {
    private let policies: any PolicyReader
    private let cache: FreshCache<DomainName, PublishedBody>
    private let failures: RepeatedFailures

    init(policies: any PolicyReader, limits: PolicyServer.Limits, logger: Logger) {
        self.policies = policies
        cache = FreshCache(limit: limits.cachedNames, seconds: limits.freshness)
        failures = RepeatedFailures(logger: logger, what: "policies can't be read")
    }

    /// The policy of `zone`; `nil` only when the store positively has none.
    func policy(of zone: DomainName) async throws -> PublishedBody? {
        try await cache.value(for: zone) {
            do throws(Failure) { return try await policies.policy(for: zone) } catch {
                failures.record(error)
                throw error
            }
        }
    }
}
