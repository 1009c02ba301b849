import DNS
import Doubles
import Findings
import Foundation
import GRDB
import MTASTS
import Planning
import PortConformance
import Ports
import Storage
import Testing

@Suite(.serialized) struct ConformanceTests {
    private let zone = World.zone

    @Test func `the SQLite store does what a ledger must`() async throws {
        try await World.with { try await LedgerConformance.check($0.open(), zone: zone) }
    }

    @Test func `so does the double`() async throws {
        try await LedgerConformance.check(MemoryLedger(now: Instant(seconds: 1_800_000_000)), zone: zone)
    }

    @Test(arguments: 0..<30)
    func `random events read back as the pure reducer gives them`(seed: UInt64) async throws {
        try await World.with { try await LedgerConformance.checkEvents($0.open(), zone: zone, seed: seed) }
        try await LedgerConformance.checkEvents(
            MemoryLedger(now: Instant(seconds: 1_800_000_000)), zone: zone, seed: seed)
    }

    @Test(arguments: 0..<10)
    func `a ledger under the key of a name of serve is kept like any other, and its due moment found`(
        seed: UInt64
    ) async throws {
        let key = CertificateOwner.ownName(zone).key
        try await World.with { try await LedgerConformance.checkEvents($0.open(), zone: key, seed: seed) }
        try await World.with { world in
            let store = try world.open()
            let owner = LeaseOwner(who: "a", runner: "b", command: "c")
            let lease = try await store.acquire(key, by: owner, for: 60)
            let now = try await store.now()
            let facts = CertificateFacts(
                names: ["\(zone)"], notBefore: now, notAfter: now + 90 * 86_400, issuer: "local", fingerprint: "f")
            let note = AuditNote(commit: nil, digest: nil, what: "issued")
            let left = Publication(certificate: facts)
            try await store.record(.outcome(step: "", resource: .certificate, left: left), under: lease, audit: note)
            #expect(try await store.dueForRenewal(at: facts.notAfter, limit: 9).map(\.zone) == [key])
            #expect(try await store.ledger(of: zone) == ZoneLedger(zone: zone))
            try await store.record(
                .outcome(step: "", resource: .certificate, left: Publication()), under: lease, audit: note)
            #expect(try await store.dueForRenewal(at: facts.notAfter, limit: 9).isEmpty)
        }
    }

    @Test func `policies and keys are kept as the ports want it`() async throws {
        let host = try DomainName("mta-sts.example.com")
        try await World.with { world in
            let store = try world.open()
            try await HostConformance.check(store, zone: zone, other: try DomainName("example.org"))
            try await HostConformance.check(store, host: host)
        }
        try await HostConformance.check(MemoryHost(), zone: zone, other: try DomainName("example.org"))
        try await HostConformance.check(MemoryHost(), host: host)
    }
}

@Suite(.serialized) struct SQLiteTests {
    private let owner = LeaseOwner(who: "alice", runner: "laptop:7", command: "certadns apply")

    @Test func `no database is positively no ledger, and reading makes none`() async throws {
        try await World.with { world in
            let reader = try world.reader()
            #expect(reader == nil)
            #expect(!FileManager.default.fileExists(atPath: world.folder))
        }
    }

    @Test func `a lease ended by force is its holder's no more, and nobody's before a write has had its time`()
        async throws
    {
        try await World.with { world in
            try await LeaseBreakerConformance.check(try world.open(), zone: World.zone)
        }
    }

    @Test func `no token pushes another's uses out of the trail, nor its own by what it is refused`() async throws {
        try await World.with { world in
            let store = try world.open()
            let now = try await store.now()
            func use(_ token: String, _ what: String, _ refusal: String? = nil) -> TokenUse {
                TokenUse(at: now, token: token, by: owner, what: what, refusal: refusal)
            }
            for (token, refusal) in [("quiet", nil), ("busy", "no")] {
                try await store.note(use(token, "first", refusal))
            }
            let queue = try DatabaseQueue(path: world.folder + "/certadns.sqlite")
            try await queue.write { db in
                for n in 0..<12_000 {
                    try db.execute(
                        sql: "INSERT INTO token_use (at, token, who, runner, command, what) VALUES (?, ?, ?, ?, ?, ?)",
                        arguments: [now.description, "busy", "a", "b", "c", "read \(n)"])
                }
            }
            try queue.close()
            for n in 0..<40 { try await store.note(use("busy", "last \(n)")) }
            let uses = try await store.uses(of: "busy", limit: 100_000)
            #expect(uses.first?.what == "last 39")
            #expect((10_000...10_032).contains(uses.count { $0.refusal == nil }))
            #expect(uses.count { $0.refusal != nil } == 1)
            #expect(try await store.uses(of: "quiet", limit: 9).map(\.what) == ["first"])
        }
    }

    @Test func `a row with a counter that can't be counted on from is damage, told with its zone`() async throws {
        try await World.with { world in
            let store = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 60)
            let id = PolicyID.make(counter: 1, digest: [1, 2, 3, 4, 5, 6, 7, 8])
            let policy = PublishedPolicy(
                id: id, counter: 1, bodyDigest: "", mode: .testing, mx: [], maxAge: .longest, largestTTL: 60,
                intentAt: try await store.now())
            try await store.record(
                .assumed(policy), under: lease, audit: AuditNote(commit: nil, digest: nil, what: ""))
            let queue = try DatabaseQueue(path: world.folder + "/certadns.sqlite")
            try await queue.write { try $0.execute(sql: "UPDATE published SET n = ?", arguments: [Int64.max]) }
            try queue.close()
            await #expect { _ = try await store.ledger(of: World.zone) } throws: {
                ($0 as? Failure)?.detail.contains("a published policy of example.com is none") == true
            }
        }
    }

    @Test func `state is the owner's alone, and keys are not in the database`() async throws {
        try await World.with { world in
            let store = try world.open()
            let facts = CertificateFacts(
                names: ["mta-sts.example.com"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2),
                issuer: "local", fingerprint: "ab")
            let material = CertificateMaterial(chain: "chain", key: Redacted("hunter2-the-private-key"), facts: facts)
            try await store.store(material, for: try DomainName("mta-sts.example.com"))
            #expect(try world.mode("") == 0o700)
            #expect(try world.mode("/certadns.sqlite") == 0o600)
            #expect(try world.mode("/keys/ab.pem") == 0o600)
            try store.close()
            for name in try FileManager.default.contentsOfDirectory(atPath: world.folder)
            where name.hasPrefix("certadns.sqlite") {
                let octets = try #require(FileManager.default.contents(atPath: world.folder + "/" + name))
                #expect(octets.range(of: Data("hunter2".utf8)) == nil, "\(name)")
            }
        }
    }

    @Test func `a reader sees a live store and a closed one, and changes no byte`() async throws {
        try await World.with { world in
            let store = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 100)
            try await store.record(
                .mxSeen([try DomainName("mx.example.com")]), under: lease,
                audit: AuditNote(commit: nil, digest: nil, what: ""))
            let live = try #require(try world.reader())
            #expect(try await live.ledger(of: World.zone).mxSeen.count == 1)
            try live.close()
            try store.close()
            let before = try contents(world.folder)
            let reader = try #require(try world.reader())
            #expect(try await reader.ledger(of: World.zone).mxSeen.count == 1)
            let after = try contents(world.folder)
            #expect(after.keys.sorted() == before.keys.sorted())
            for (name, octets) in before { #expect(after[name] == octets, "\(name)") }
        }
    }

    private func contents(_ folder: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "keys" }
        return Dictionary(
            uniqueKeysWithValues: names.map { ($0, FileManager.default.contents(atPath: folder + "/" + $0) ?? Data()) })
    }

    @Test func `who holds a zone is told, and a lapsed lease is taken over only after the grace`() async throws {
        try await World.with { world in
            let store = try world.open()
            let other = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 100)
            await #expect { _ = try await other.acquire(World.zone, by: owner, for: 1) } throws: { error in
                let words = (error as? Failure)?.detail ?? ""
                return ["alice", "laptop:7", "certadns apply", "2027-01-15T08:00:00Z"].allSatisfy { words.contains($0) }
            }
            world.advance(150)
            await #expect { _ = try await other.acquire(World.zone, by: owner, for: 1) } throws: {
                ($0 as? Failure)?.kind == .busy
            }
            world.advance(20)
            let taken = try await other.acquire(World.zone, by: owner, for: 100)
            #expect(taken.fencing == lease.fencing + 1)
            await #expect { _ = try await store.renew(lease, for: 1) } throws: { ($0 as? Failure)?.kind == .conflict }
        }
    }

    @Test func `a database of a newer program is refused in words`() async throws {
        try await World.with { world in
            let store = try world.open()
            try store.close()
            let queue = try DatabaseQueue(path: world.folder + "/certadns.sqlite")
            try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')") }
            try queue.close()
            for open in [{ _ = try world.open() }, { _ = try world.reader() }] {
                #expect { try open() } throws: { error in
                    let failure = error as? Failure
                    return failure?.kind == .storage && failure?.detail.contains("newer CertaDNS") == true
                }
            }
        }
    }

    @Test func `a damaged database is refused in words`() async throws {
        try await World.with { world in
            try FileManager.default.createDirectory(atPath: world.folder, withIntermediateDirectories: true)
            try Data(repeating: 0x55, count: 8_192).write(to: URL(fileURLWithPath: world.folder + "/certadns.sqlite"))
            #expect { try world.open() } throws: { error in
                let failure = error as? Failure
                return failure?.kind == .storage && failure?.detail.contains("damaged") == true
            }
        }
    }

    @Test func `a failed record leaves nothing half written`() async throws {
        try await World.with { world in
            let store = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 100)
            let stale = Lease(zone: World.zone, fencing: lease.fencing - 1, owner: owner, until: lease.until)
            let note = AuditNote(commit: nil, digest: nil, what: "x")
            let event = LedgerEvent.intent(Intent(step: "s", resource: .policy, at: Instant(seconds: 1)), policy: nil)
            await #expect(throws: Failure.self) { try await store.record(event, under: stale, audit: note) }
            #expect(try await store.ledger(of: World.zone) == ZoneLedger(zone: World.zone))
            #expect(try await store.history(of: nil, limit: 1).isEmpty)
        }
    }
}
