import Synchronization

/// Keeps at most `limit` answers, each for a few seconds.
///
/// What is absent is not kept: a stranger's made-up names can't push real ones out. Over the limit everything goes:
/// simple, bounded, and right at once for whoever is asked most.
final class FreshCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let read: ContinuousClock.Instant
    }
    private let entries = Mutex<[Key: Entry]>([:])
    private let limit: Int
    private let lifetime: Duration

    init(limit: Int, seconds: Int) {
        self.limit = limit
        lifetime = .seconds(seconds)
    }

    func value(for key: Key, read: () async throws -> Value?) async throws -> Value? {
        let now = ContinuousClock.now
        if let entry = entries.withLock({ $0[key] }), now - entry.read < lifetime { return entry.value }
        guard let value = try await read() else { return nil }
        entries.withLock { entries in
            if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = Entry(value: value, read: now)
        }
        return value
    }
}
