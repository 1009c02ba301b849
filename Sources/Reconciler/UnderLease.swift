package import DNS
package import Ports

extension LedgerStore {
    /// Runs `body` under the zone's lease of so many seconds, and gives it back however that ends: what failed must not keep others
    /// out. One that can't be given back lapses by itself, and what was done stays done.
    package func withLease<Value: Sendable>(
        of zone: DomainName, by owner: LeaseOwner, for seconds: Int, _ body: (Lease) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let lease = try await acquire(zone, by: owner, for: seconds)
        do throws(Failure) {
            let value = try await body(lease)
            try? await release(lease)
            return value
        } catch {
            try? await release(lease)
            throw error
        }
    }
}
