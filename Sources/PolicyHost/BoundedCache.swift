/// At most `limit` values. What was asked for since the clock's hand last passed stays; the first that was not makes room.
///
/// CLOCK rather than a list by last use: a hit costs one bit. A new value has no bit yet, so that names which are asked for once
/// (a stranger walking through all of them) push each other out, not those that are asked for again and again.
struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot {
        let key: Key
        var value: Value
        var wasUsed = false
    }
    private let limit: Int
    private var slots: [Slot] = []
    private var places: [Key: Int] = [:]
    private var hand = 0

    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { slots.count }

    /// The value kept for `key`; asking keeps it longer.
    mutating func value(for key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        if !slots[place].wasUsed { slots[place].wasUsed = true }
        return slots[place].value
    }

    /// Keeps `value`, in place of an older one or of one that nobody asked for.
    mutating func keep(_ value: Value, for key: Key) {
        if let place = places[key] {
            slots[place].value = value
        } else if slots.count < limit {
            places[key] = slots.count
            slots.append(Slot(key: key, value: value))
        } else {
            // Ends after one round at most: by then all bits are gone.
            while slots[hand].wasUsed {
                slots[hand].wasUsed = false
                hand = (hand + 1) % slots.count
            }
            places[slots[hand].key] = nil
            places[key] = hand
            slots[hand] = Slot(key: key, value: value)
            hand = (hand + 1) % slots.count
        }
    }

    /// Forgets what is kept for `key`.
    mutating func drop(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = slots.removeLast()
        if place < slots.count {
            slots[place] = last
            places[last.key] = place
        }
        if hand >= slots.count { hand = 0 }
    }
}
