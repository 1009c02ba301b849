import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Sealing
import Storage
import Synchronization
import Testing

/// A backup is all that a store keeps, and begins another store.
@Suite struct ArchiveTests {
    private static let owner = LeaseOwner(who: "test", runner: "here", command: "test")
    private static let note = AuditNote(commit: "c", digest: "d", what: "done")

    private final class Records: Sendable {
        private let all = Mutex<[StateRecord]>([])
        func add(_ record: StateRecord) { all.withLock { $0.append(record) } }
        func next() -> StateRecord? { all.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        var list: [StateRecord] { all.withLock { $0 } }
    }

    /// A store with something of each kind.
    private static func filled(_ world: World) async throws -> SQLiteStore {
        let store = try world.open()
        try await fill(store)
        return store
    }

    private static func fill(_ store: some StateStore) async throws {
        let zone = try DomainName("example.com")
        let lease = try await store.acquire(zone, by: owner, for: 60)
        let id = PolicyID.make(counter: 3, digest: [UInt8](repeating: 3, count: 8))
        let row = PublishedPolicy(
            id: id, counter: 3, bodyDigest: "3", mode: .enforce, mx: [try MXPattern(parsing: "mx.example.com")],
            maxAge: .day, largestTTL: 300, intentAt: Instant(seconds: 1_800_000_000))
        let left = Publication(mtaSTS: Owned.mtaSTSRecord(of: zone, id: id, ttl: 300))
        for event in [
            LedgerEvent.assumed(row), .outcome(step: "", resource: .mtaSTSRecord, left: left), .mxSeen([zone]),
            .began(digest: "d", commit: "c"),
        ] { try await store.record(event, under: lease, audit: note) }
        try await store.put(PublishedBody(id: id, body: "body"), for: zone)
        try await store.add(
            AccessToken(
                id: "t", name: "ci", scope: .plan, digest: "digest", madeAt: Instant(seconds: 1_800_000_000),
                madeBy: "me"))
        try await store.release(lease)
    }

    /// All that `from` keeps goes to `to`, which was empty.
    private static func move(_ from: some StateStore, to: some StateStore) async throws {
        let records = Records()
        try await from.records { records.add($0) }
        for key in try await from.keyFiles() { records.add(.key(file: key)) }
        #expect(try await to.isEmpty())
        try await to.restore({ records.next() }, isMoved: true)
    }

    /// What a move keeps: all but the numbers of leases, which only grow.
    private static func kept(_ store: some StateStore) async throws -> Set<StateRecord> {
        let records = Records()
        try await store.records { records.add($0) }
        for key in try await store.keyFiles() { records.add(.key(file: key)) }
        return Set(records.list.filter { if case .lease = $0 { false } else { true } })
    }

    @Test func `from a folder to PostgreSQL and back nothing is lost, and the certificate's key opens`() async throws {
        let from = World.make()
        defer { from.remove() }
        let back = World.make()
        defer { back.remove() }
        try await PostgreSQLWorld.with { world in
            let seal = try PostgreSQLWorld.seal()
            let clock: @Sendable () -> Instant = { Instant(seconds: 1_800_000_000) }
            let folder = try SQLiteStore.open(folder: from.folder, grace: 60, seal: seal, clock: clock)
            try await Self.fill(folder)
            let host = try DomainName("mta-sts.example.com")
            let facts = CertificateFacts(
                names: ["\(host)"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2), issuer: "local",
                fingerprint: "ab")
            try await folder.store(
                CertificateMaterial(chain: "chain", key: Redacted("-----BEGIN hunter2"), facts: facts), for: host)
            _ = try await folder.keep(StoredAccount(key: Redacted("{hunter4}"), url: "u"), of: "https://ca")
            let before = try await Self.kept(folder)
            let held = try await folder.acquire(World.zone, by: Self.owner, for: 60)
            let database = try await world.open()
            try await Self.move(folder, to: database)
            #expect(try await Self.kept(database) == before)
            #expect(try await database.defects().isEmpty)
            #expect(try await !database.isEmpty())
            await #expect(throws: Failure.self) {
                try await database.record(.withdrawing, under: held, audit: Self.note)
            }
            #expect(try await database.acquire(World.zone, by: Self.owner, for: 60).fencing > held.fencing)
            let again = try SQLiteStore.open(folder: back.folder, grace: 60, seal: seal, clock: clock)
            try await Self.move(database, to: again)
            #expect(try await Self.kept(again) == before)
            #expect(try await again.material(for: host)?.key.reveal() == "-----BEGIN hunter2")
            #expect(try await again.account(of: "https://ca")?.key.reveal() == "{hunter4}")
        }
    }

    @Test func `what breaks off changes nothing on PostgreSQL either, and no open key comes in`() async throws {
        let from = World.make()
        defer { from.remove() }
        try await PostgreSQLWorld.with { world in
            let database = try await world.open()
            try await Self.move(try await Self.filled(from), to: database)
            let before = try await Self.kept(database)
            for last in [
                StateRecord.key(file: .init(name: "keys/ab.pem", octets: [1], isSealed: false)),
                .key(file: .init(name: "ca.key", octets: [1], isSealed: true)),
            ] {
                let records = Records()
                records.add(.ledger(zone: ZoneLedger(zone: World.zone)))
                records.add(last)
                await #expect(throws: Failure.self) { try await database.restore({ records.next() }, isMoved: false) }
            }
            #expect(try await Self.kept(database) == before)
            // In place of all that is here, and known as restored.
            let records = Records()
            records.add(.ledger(zone: ZoneLedger(zone: World.zone)))
            try await database.restore({ records.next() }, isMoved: false)
            #expect(try await database.ledger(of: World.zone).unwatchedSince != nil)
            #expect(try await database.history(of: nil, limit: 9).isEmpty)
        }
    }

    @Test func `what a backup holds another store keeps, and its ledgers know that they were restored`() async throws {
        let from = World.make()
        defer { from.remove() }
        let to = World.make()
        defer { to.remove() }
        let store = try await Self.filled(from)
        let zone = try DomainName("example.com")
        let records = Records()
        try await store.records { records.add($0) }
        for key in try await store.keyFiles() { records.add(.key(file: key)) }
        let all = records.list
        let other = try to.open()
        #expect(try await other.isEmpty())
        try await other.restore({ records.next() }, isMoved: false)
        #expect(try await !other.isEmpty())
        let before = try await store.ledger(of: zone)
        var after = try await other.ledger(of: zone)
        #expect(after.unwatchedSince != nil)
        after.unwatchedSince = nil
        #expect(after == before)
        #expect(try await other.history(of: nil, limit: 99) == store.history(of: nil, limit: 99))
        #expect(try await other.policy(for: zone) == store.policy(for: zone))
        #expect(try await other.tokens() == store.tokens())
        #expect(try await other.defects().isEmpty)
        // Moved, it is the same.
        let again = Records()
        for record in all { again.add(record) }
        try await other.restore({ again.next() }, isMoved: true)
        #expect(try await other.ledger(of: zone) == before)
    }

    @Test func `who held a zone under the store that was backed up can't write to the restored one`() async throws {
        let from = World.make()
        defer { from.remove() }
        let to = World.make()
        defer { to.remove() }
        let store = try await Self.filled(from)
        let zone = try DomainName("example.com")
        let records = Records()
        try await store.records { records.add($0) }
        let held = try #require(
            records.list.compactMap { if case .lease(_, let number) = $0 { number } else { nil } }.first)
        let other = try to.open()
        try await other.restore({ records.next() }, isMoved: false)
        let stale = Lease(zone: zone, fencing: held, owner: Self.owner, until: Instant(seconds: 4_000_000_000))
        await #expect(throws: Failure.self) { try await other.record(.withdrawing, under: stale, audit: Self.note) }
        let lease = try await other.acquire(zone, by: Self.owner, for: 60)
        #expect(lease.fencing > held)
    }

    @Test func `a backup that breaks off changes nothing`() async throws {
        let from = World.make()
        defer { from.remove() }
        let store = try await Self.filled(from)
        let zone = try DomainName("example.com")
        let before = try await store.ledger(of: zone)
        let calls = Mutex(0)
        await #expect(throws: Failure.self) {
            try await store.restore(
                {
                    let call = calls.withLock { count in
                        count += 1
                        return count
                    }
                    if call > 1 { throw Failure(.storage, "cut off") }
                    return .ledger(zone: ZoneLedger(zone: zone))
                }, isMoved: false)
        }
        #expect(try await store.ledger(of: zone) == before)
        await #expect(throws: Failure.self) {
            let outside = Records()
            outside.add(.key(file: .init(name: "../elsewhere.pem", octets: [1], isSealed: false)))
            try await store.restore({ outside.next() }, isMoved: false)
        }
    }
}
