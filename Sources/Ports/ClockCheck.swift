package import Planning

extension StoreClock {
    /// Throws where this machine's clock, which says `local`, is not the store's, which people know as `place`: dates would be judged by
    /// two clocks.
    package func checkSkew(_ local: @Sendable () -> Instant, of place: String) async throws(Failure) {
        let before = local()
        let store = try await now()
        let after = local()
        // The answer was on its way for a while: only what that can't explain counts.
        let off = before > store ? before - store : store > after ? after - store : 0
        guard abs(off) > StoreSkew.limit else { return }
        throw Failure(
            .configuration,
            "this machine's clock is \(abs(off)) seconds \(off > 0 ? "ahead of" : "behind") that of \(place) (\(store)); set it by NTP, and run again"
        )
    }
}

extension StoreClock where Self: LedgerReader {
    /// Throws where the clock that dates are written by, which people know as `whose`, is behind the ledger's last entry: whatever is judged by
    /// it would be judged wrongly.
    package func checkLastEntry(by whose: String) async throws(Failure) {
        // In this order: an entry that others write meanwhile is no older clock's.
        guard let last = try await history(of: nil, limit: 1).first?.at else { return }
        let now = try await now()
        guard now < last else { return }
        throw Failure(
            .configuration,
            "\(whose) says \(now), and the ledger's last entry is of \(last): set the clock by NTP, and run again; where it is right now and was ahead when that was written, wait until then"
        )
    }
}

/// How far two clocks may be apart.
package enum StoreSkew {
    /// In seconds.
    package static let limit = 60
}
