package import Ports
package import Sealing

/// A store that this machine holds itself: ledger, policies, certificates with their keys, accounts and tokens. Held to the same
/// conformance suite whichever database is beneath it.
package protocol StateStore:
    StateKeeper, LeaseBreaker, StateArchive, StateRestoring, KeyStore, AccountStore, TokenStore, ChallengeTokens,
    SealedKeys
{
    /// Tells those who serve from memory when to look again.
    var changes: any ChangeReader { get }
    /// Takes away keys that no certificate names any more: a process killed right after it stored a certificate leaves the former
    /// one's. How many are gone; `nil` where others stored without a pause, and it is left to the next time.
    func tidyKeys() async throws(Failure) -> Int?
    /// Lets the database go.
    func close() throws(Failure)
}

/// A database that is read by rows. All that is known of a store's reading stands in extensions of this, once for every database.
package protocol RowReading: StateReading {
    /// Runs `body` on one state of the database.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value
}

/// A database that is written by rows.
package protocol RowStore: RowReading, StateStore {
    /// Seconds after which a lapsed lease may be taken over: the longest that a write may take (design, "Who runs where").
    var grace: Int { get }
    /// Runs `body` in one durable transaction: one after the other, of all processes. It may run more than once before it counts, so
    /// it has no effect but on the database.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(Failure) -> Value
    /// Something that is served was stored or removed by this process.
    func noteOwn()
}

/// The write that the current task does once.
enum OnceScope {
    @TaskLocal static var current: WriteOnce?

    /// `body` in one transaction with the key that it is done under, if there is one.
    static func run<Value: Sendable>(
        _ once: WriteOnce?, _ body: (any SQLConnection) throws -> Value, in db: any SQLConnection
    ) throws -> Value {
        guard let once else { return try body(db) }
        guard try AccessRows.answer(to: once, in: db) == nil else {
            throw Failure(
                .busy, retryable: true, "this request was just answered elsewhere; ask again with the same key")
        }
        if let lease = once.lease {
            try AccessRows.check(lease, of: once.use.token, in: db)
            if once.guardsLease { try LeaseRows.check(lease, in: db) }
        }
        let value = try body(db)
        if let lease = value as? Lease { try AccessRows.bind(lease, to: once.use.token, in: db) }
        try AccessRows.keep(value, of: once, in: db)
        return value
    }
}
