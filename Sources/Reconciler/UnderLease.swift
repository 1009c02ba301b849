package import DNS
import Planning
package import Ports

/// How long a zone that another run holds is waited for.
package struct LeasePatience: Sendable {
    /// For so many seconds.
    let seconds: Int
    /// Waits so many milliseconds.
    let sleep: @Sendable (Int) async throws -> Void
    /// Whether there is no point in waiting any more.
    let isStopping: @Sendable () -> Bool
    /// Hears once who holds it.
    let tell: @Sendable (DomainName, String) -> Void

    /// A patience.
    package init(
        seconds: Int, sleep: @escaping @Sendable (Int) async throws -> Void,
        isStopping: @escaping @Sendable () -> Bool = { false },
        tell: @escaping @Sendable (DomainName, String) -> Void = { _, _ in }
    ) {
        self.seconds = seconds
        self.sleep = sleep
        self.isStopping = isStopping
        self.tell = tell
    }
}

extension LedgerStore {
    /// The zone's lease, waited for as long as patience has it.
    func acquire(
        _ zone: DomainName, by owner: LeaseOwner, for seconds: Int, with patience: LeasePatience
    ) async throws(Failure) -> Lease {
        let end = try await now() + patience.seconds
        var isTold = false
        while true {
            do throws(Failure) { return try await acquire(zone, by: owner, for: seconds) } catch {
                guard error.kind == .busy, !patience.isStopping(), try await now() < end else { throw error }
                if !isTold { patience.tell(zone, "\(error.detail); waiting for it until \(end)") }
                isTold = true
                do { try await patience.sleep(1_000) } catch {
                    throw Failure(.cancelled, "told to stop while waiting")
                }
            }
        }
    }

    /// Runs `body` under the zone's lease of so many seconds, and gives it back however that ends: what failed must not keep others
    /// out. One that can't be given back lapses by itself, and what was done stays done.
    package func withLease<Value: Sendable>(
        of zone: DomainName, by owner: LeaseOwner, for seconds: Int, with patience: LeasePatience? = nil,
        _ body: (Lease) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let lease: Lease =
            if let patience {
                try await acquire(zone, by: owner, for: seconds, with: patience)
            } else {
                try await acquire(zone, by: owner, for: seconds)
            }
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
