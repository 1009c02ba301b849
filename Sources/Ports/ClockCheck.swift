package import Planning

extension StoreClock {
    /// Throws where this machine's clock, which says `local`, is not the store's, which people know as `place`: dates would be judged by
    /// two clocks.
    package func checkClock(_ local: @Sendable () -> Instant, of place: String) async throws(Failure) {
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

/// How far two clocks may be apart.
package enum StoreSkew {
    /// In seconds.
    package static let limit = 60
}
