import Ports
import Synchronization

/// Keeps a bounded number of answers of the store, and serves them without a reading as long as the store did not change.
///
/// What is absent is not kept: a stranger's made-up names can't push real ones out.
final class FreshCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let moment: StoreMoments.Moment
    }
    private let entries: Mutex<BoundedCache<Key, Entry>>
    private let moments: StoreMoments

    init(limit: Int, moments: StoreMoments) {
        entries = Mutex(BoundedCache(limit: limit))
        self.moments = moments
    }

    /// The answer for `key` if it is known to be the store's present one, without waiting.
    func known(_ key: Key) -> Value? {
        guard let moment = moments.current(), let entry = entries.withLock({ $0.value(for: key) }),
            entry.moment == moment
        else { return nil }
        return entry.value
    }

    /// The answer for `key`; `read` is given what was known of it, and gives it back where that still holds.
    func value(
        for key: Key, read: (_ old: Value?) async throws(Failure) -> Value?
    ) async throws(Failure) -> Value? {
        // The moment before the reading: what is stored meanwhile is noticed at the next question.
        let moment = try await moments.ask()
        let entry = entries.withLock { $0.value(for: key) }
        if let entry, entry.moment == moment { return entry.value }
        let value = try await read(entry?.value)
        entries.withLock { entries in
            if let value { entries.keep(Entry(value: value, moment: moment), for: key) } else { entries.drop(key) }
        }
        return value
    }
}
