import Planning
import Ports
import Synchronization

/// A zone's lease, shared by everything that writes under it while the zone's steps run one after the other.
final class HeldLease: Sendable {
    private let state: Mutex<Lease>
    private let store: any LedgerStore
    private let seconds: Int

    init(_ lease: Lease, store: any LedgerStore, seconds: Int) {
        state = Mutex(lease)
        self.store = store
        self.seconds = seconds
    }

    /// The lease as it was last renewed.
    var current: Lease { state.withLock { $0 } }

    /// Makes sure that no write starts with less lease left than it may take.
    func renew() async throws(Failure) {
        let renewed = try await store.renew(state.withLock { $0 }, for: seconds)
        state.withLock { $0 = renewed }
    }

    /// Renews once half of it has run: for long waits.
    func keepAlive() async throws(Failure) {
        let left = state.withLock { $0 }.until - (try await store.now())
        if left < seconds / 2 { try await renew() }
    }

    func record(_ event: LedgerEvent, _ note: AuditNote) async throws(Failure) {
        try await store.record(event, under: state.withLock { $0 }, audit: note)
    }
}
