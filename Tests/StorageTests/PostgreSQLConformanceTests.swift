import DNS
import Findings
import Foundation
import GRDB
import Lab
import MTASTS
import Planning
import PortConformance
import Ports
import Storage
import Testing

/// PostgreSQL is held to what every store is held to. A machine without one fails here.
@Suite struct PostgreSQLConformanceTests {
    private static let zones = (0..<4).compactMap { try? DomainName("z\($0).example.com") }
    private let zone = World.zone

    @Test func `the PostgreSQL store does what a ledger must`() async throws {
        try await PostgreSQLWorld.with { try await LedgerConformance.check($0.open(), zone: zone) }
    }

    @Test(arguments: 0..<6)
    func `random events read back from PostgreSQL as the pure reducer gives them`(seed: UInt64) async throws {
        try await PostgreSQLWorld.with { world in
            let store = try await world.open()
            try await LedgerConformance.checkEvents(store, zone: zone, seed: seed)
            try store.close()
        }
    }

    @Test func `a ledger under the key of a name of serve is kept in PostgreSQL like any other`() async throws {
        try await PostgreSQLWorld.with { world in
            try await LedgerConformance.checkEvents(
                world.open(), zone: CertificateOwner.ownName(zone).key, seed: 1)
        }
    }

    @Test func `policies and keys are kept in PostgreSQL as the ports want it`() async throws {
        try await PostgreSQLWorld.with { world in
            let store = try await world.open()
            try await HostConformance.check(store, zone: zone, other: try DomainName("example.org"))
            try await HostConformance.check(store, host: try DomainName("mta-sts.example.com"))
        }
    }

    @Test func `the PostgreSQL store keeps budgets as it must`() async throws {
        try await PostgreSQLWorld.with { try await BudgetConformance.check($0.open(), zones: Self.zones) }
    }

    @Test(arguments: 0..<3)
    func `random dealings read back from PostgreSQL as the pure book has them`(seed: UInt64) async throws {
        try await PostgreSQLWorld.with { world in
            try await BudgetConformance.checkEvents(
                world.open(), zones: Self.zones, seed: seed, advance: { world.advance($0) })
        }
    }

    @Test func `what a process stores in PostgreSQL it knows at once, and others when they ask`() async throws {
        try await PostgreSQLWorld.with { world in
            let (store, other) = (try await world.open(), try await world.open())
            var (own, all) = (store.changes.own, try await other.changes.all())
            let body = PublishedBody(id: try #require(PolicyID("1x0123456789abcdef")), body: "version: STSv1\n")
            let host = WellKnown.hostName(zone)
            let facts = CertificateFacts(
                names: [host.description], notBefore: Instant(seconds: 0), notAfter: Instant(seconds: 1),
                issuer: "test", fingerprint: "00")
            let writes: [() async throws -> Void] = [
                { try await store.put(body, for: zone) }, { try await store.remove(for: zone) },
                { try await store.store(CertificateMaterial(chain: "c", key: Redacted("k"), facts: facts), for: host) },
                { try await store.remove(certificateOf: host) },
            ]
            for write in writes {
                try await write()
                #expect(store.changes.own != own)
                #expect(other.changes.own == 0)
                let now = try await other.changes.all()
                #expect(now != all)
                #expect(try await other.changes.all() == now, "who only reads changes nothing")
                (own, all) = (store.changes.own, now)
            }
        }
    }

    @Test func `tokens, their uses and writes done once are kept in PostgreSQL`() async throws {
        try await PostgreSQLWorld.with { world in
            let store = try await world.open()
            let now = try await store.now()
            for name in ["a", "b"] {
                try await store.add(
                    AccessToken(id: name, name: name, scope: .apply, digest: "d", madeAt: now, madeBy: "me"))
            }
            #expect(try await store.tokens().map(\.name) == ["b", "a"], "the newest first")
            await #expect {
                try await store.add(
                    AccessToken(id: "c", name: "a", scope: .plan, digest: "d", madeAt: now, madeBy: "me"))
            } throws: { ($0 as? Failure)?.kind == .conflict }
            let use = TokenUse(at: now, token: "a", by: nil, what: "put")
            let write = WriteOnce(key: "k", digest: "d", lease: nil, guardsLease: false, use: use) { _ in "answer" }
            let body = PublishedBody(id: try #require(PolicyID("1x0123456789abcdef")), body: "version: STSv1\n")
            try await store.once(write) { () throws(Failure) in try await store.put(body, for: zone) }
            #expect(try await store.answer(to: write) == "answer")
            await #expect {
                try await store.once(write) { () throws(Failure) in try await store.remove(for: zone) }
            } throws: { ($0 as? Failure)?.kind == .busy }
            #expect(try await store.policy(for: zone) == body)
            #expect(try await store.uses(of: "a", limit: 9) == [use])
            #expect(try await store.uses(of: nil, limit: 9) == [use])
            #expect(try await store.revoke("a", at: now).map(\.id) == ["a"])
            #expect(try await store.token("a")?.revokedAt == now)
            #expect(try await store.ledgers(after: nil, limit: 5).isEmpty)
            let taking = WriteOnce(key: "l", digest: "d", lease: nil, guardsLease: false, use: use) { _ in "lease" }
            let lease = try await store.once(taking) { () throws(Failure) in
                try await store.acquire(zone, by: LeaseOwner(who: "a", runner: "b", command: "c"), for: 60)
            }
            try await store.check(lease, of: "a")
            await #expect { try await store.check(lease, of: "b") } throws: { ($0 as? Failure)?.kind == .conflict }
        }
    }

    @Test func `texts that look like SQL, or that no text of PostgreSQL may hold, do no harm`() async throws {
        try await PostgreSQLWorld.with { world in
            let store = try await world.open()
            let words = "Robert'); DROP TABLE lease; -- ? $1 \"?\" \\x00 ü 🂡"
            let owner = LeaseOwner(who: words, runner: "?", command: "$2")
            _ = try await store.acquire(zone, by: owner, for: 100)
            #expect(try await store.holder(of: zone)?.owner == owner)
            await #expect {
                let zero = LeaseOwner(who: "a\u{0}b", runner: "r", command: "c")
                _ = try await store.acquire(try DomainName("other.example"), by: zero, for: 100)
            } throws: { ($0 as? Failure)?.kind == .rejected }
        }
    }

    @Test func `both databases have the same tables and columns`() async throws {
        try await PostgreSQLWorld.with { world in
            _ = try await world.open()
            let listed = try world.server.sql(
                "SELECT table_name || '.' || column_name || ' ' || (is_nullable = 'YES') || ' ' || data_type FROM information_schema.columns WHERE table_schema = '\(world.schema)'"
            )
            let names = ["bigint": "INTEGER", "boolean": "BOOLEAN", "text": "TEXT", "json": "TEXT"]
            let own: Set<Substring> = ["certadns_step", "writer_mark", "served", "private_key"]
            let there = Set(
                listed.split(separator: "\n").compactMap { line -> String? in
                    let words = line.split(separator: " ", maxSplits: 2)
                    let place = words[0].split(separator: ".")
                    guard !own.contains(place[0]), place[1] != "rowid" else { return nil }
                    return "\(words[0]) \(words[1]) \(names[String(words[2])] ?? String(words[2]))"
                })
            let sqlite = World.make()
            defer { sqlite.remove() }
            try sqlite.open().close()
            let queue = try DatabaseQueue(path: sqlite.folder + "/certadns.sqlite")
            let here = try await queue.read { db -> Set<String> in
                var found: Set<String> = []
                let tables = try String.fetchAll(
                    db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")
                for table in tables where table != "grdb_migrations" {
                    let key = Set(try db.primaryKey(table).columns)
                    for column in try db.columns(in: table) {
                        let isOpen = !column.isNotNull && !key.contains(column.name)
                        let type = column.type.uppercased() == "BIGINT" ? "INTEGER" : column.type.uppercased()
                        found.insert("\(table).\(column.name) \(isOpen) \(type)")
                    }
                }
                return found
            }
            #expect(here.count > 60)
            #expect(there.subtracting(here) == [])
            #expect(here.subtracting(there) == [])
        }
    }
}
