import DNS
import Findings
import Foundation
import GRDB
import Planning
import Ports
import Testing

@testable import Storage

/// What the state folder looks like from outside, and what happens when it is not as it should be.
@Suite(.serialized) struct FileTests {
    private let owner = LeaseOwner(who: "alice", runner: "laptop:7", command: "certadns apply")
    private let note = AuditNote(commit: nil, digest: nil, what: "x")

    private func failure(of body: () throws -> Void) throws -> Failure {
        do { try body() } catch let failure as Failure { return failure }
        throw Failure(.missing, "nothing was thrown")
    }

    @Test func `no file of a store is ever open to others, not even its log, whatever the umask`() throws {
        let world = World.make()
        defer { world.remove() }
        // The folder was there before, readable by all.
        try FileManager.default.createDirectory(
            atPath: world.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let store = try world.open()
        for name in ["/certadns.sqlite", "/certadns.sqlite-wal", "/certadns.sqlite-shm"] {
            #expect(try world.mode(name) == 0o600, "\(name)")
        }
        try store.close()
        #expect(chmod(world.folder + "/certadns.sqlite", 0o644) == 0)
        try world.open().close()
        #expect(try world.mode("/certadns.sqlite") == 0o600, "an open one is closed to others")
    }

    @Test func `a commit is flushed before it counts, on the connection that writes`() throws {
        let world = World.make()
        defer { world.remove() }
        let store = try world.open()
        #expect(try store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        try store.close()
    }

    @Test func `a folder that can't be looked into is no absent ledger`() throws {
        let world = World.make()
        defer { world.remove() }
        // A file where the folder should be: ENOTDIR, not ENOENT.
        try Data().write(to: URL(fileURLWithPath: world.folder))
        let failure = try failure { _ = try world.reader() }
        #expect(failure.kind == .storage)
        #expect(failure.detail.contains("Not a directory"))
        #expect(try self.failure { _ = try world.open() }.kind == .storage)
    }

    @Test(arguments: ["/certadns.sqlite", "/keys", ""])
    func `what stands where the state belongs is told with its place and what to do, in no system's code`(
        name: String
    ) throws {
        let world = World.make()
        defer { world.remove() }
        let path = world.folder + name
        let parent = name.isEmpty ? nil : world.folder
        if let parent { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) }
        if name == "/certadns.sqlite" {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } else {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        for failure in [try failure { _ = try world.open() }, try failure { _ = try world.reader() }] {
            #expect(failure.detail.contains("'\(path)' is a fi") || failure.detail.contains("'\(path)' is a folder"))
            #expect(failure.detail.contains("move it away, or name another folder by 'state: FOLDER' in certadns.yaml"))
            #expect(!failure.detail.contains("NSCocoa"))
        }
        let stated = try failure {
            try StoreFiles(folder: world.folder).checkShape(statedAt: "certadns.yaml:1:8")
        }
        #expect(stated.detail.hasPrefix("certadns.yaml:1:8: the state can't be kept: "))
    }

    @Test func `an emptied database is no empty ledger`() throws {
        let world = World.make()
        defer { world.remove() }
        try world.open().close()
        try Data().write(to: URL(fileURLWithPath: world.folder + "/certadns.sqlite"))
        let failure = try failure { _ = try world.reader() }
        #expect(failure.kind == .storage)
        #expect(failure.detail.contains("holds no ledger"))
    }

    @Test func `a database of an older program is read only after it was brought up to date`() throws {
        let world = World.make()
        defer { world.remove() }
        try world.open().close()
        let queue = try DatabaseQueue(path: world.folder + "/certadns.sqlite")
        try queue.write { db in
            try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '2 policy host'")
            try db.execute(sql: "DROP TABLE policy; DROP TABLE certificate")
        }
        try queue.close()
        #expect(try failure { _ = try world.reader() }.detail.contains("older CertaDNS"))
        try world.open().close()
        let reader = try world.reader()
        #expect(reader != nil)
    }

    @Test func `certificates from before there was a table of what is due are due at once`() async throws {
        try await World.with { world in
            let store = try world.open()
            for (name, host) in [("example.com", true), ("example.org", false)] {
                let zone = try DomainName(name)
                let owner = LeaseOwner(who: "alice", runner: "laptop", command: "apply")
                let lease = try await store.acquire(zone, by: owner, for: 100)
                var left = Publication()
                if host { left.host = Owned.hostRecords(of: zone, target: .cname(zone), ttl: 60) }
                left.certificate = CertificateFacts(
                    names: ["mta-sts.\(name)"], notBefore: Instant(seconds: 1_700_000_000),
                    notAfter: Instant(seconds: 1_900_000_000), issuer: "ca", fingerprint: "f")
                for resource in [Resource.policyHost, .certificate] {
                    try await store.record(
                        .outcome(step: "", resource: resource, left: left), under: lease,
                        audit: AuditNote(commit: nil, digest: nil, what: "done"))
                }
            }
            try store.close()
            let queue = try DatabaseQueue(path: world.folder + "/certadns.sqlite")
            try await queue.write { db in
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '7 due'; DROP TABLE due")
            }
            try queue.close()
            let due = try await world.open().dueForRenewal(at: Instant(seconds: 1_800_000_000), limit: 10)
            #expect(
                due == [DueZone(zone: try DomainName("example.com"), expires: Instant(seconds: 1_900_000_000))])
        }
    }

    @Test(arguments: [
        "UPDATE zone SET applied = '{'", "UPDATE zone SET applied = x'ff'", "UPDATE intent SET at = 'soon'",
        "UPDATE intent SET resource = 'mail'",
    ])
    func `a row that we never wrote is a failure in words, never a trap or an absence`(damage: String) async throws {
        try await World.with { world in
            let store = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 100)
            let intent = Intent(step: "s", resource: .policy, at: Instant(seconds: 1))
            try await store.record(.intent(intent, policy: nil), under: lease, audit: note)
            try await store.pool.write { try $0.execute(sql: damage) }
            for read in [{ _ = try await store.ledger(of: World.zone) }, { _ = try await store.ledgers() }] {
                await #expect {
                    try await read()
                } throws: { error in
                    let failure = error as? Failure
                    return failure?.kind == .storage && failure?.detail.contains("damaged") == true
                }
            }
        }
    }

    @Test func `a policy whose id we never wrote is not absent`() async throws {
        try await World.with { world in
            let store = try world.open()
            try await store.pool.write {
                try $0.execute(sql: "INSERT INTO policy (zone, id, body) VALUES ('example.com', 'no id!', 'x')")
            }
            await #expect(throws: Failure.self) { _ = try await store.policy(for: World.zone) }
        }
    }

    @Test func `a full disk is told, and what was there stays`() async throws {
        try await World.with { world in
            let store = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 100)
            try await store.pool.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
            var recorded = 0
            let failure = await #expect(throws: Failure.self) {
                for number in 0..<10_000 {
                    let intent = Intent(
                        step: String(repeating: "s", count: 500) + "\(number)", resource: .policy,
                        at: Instant(seconds: 1))
                    try await store.record(.intent(intent, policy: nil), under: lease, audit: note)
                    recorded += 1
                }
            }
            #expect(failure?.kind == .storage)
            #expect(failure?.detail.contains("is full") == true)
            #expect(try await store.ledger(of: World.zone).intents.count == recorded)
            #expect(try await store.history(of: nil, limit: .max).count == recorded)
        }
    }

    @Test func `a reader stays right while writers come and go`() async throws {
        try await World.with { world in
            try world.open().close()
            let reader = try #require(try world.reader())
            for number in 1...20 {
                let store = try world.open()
                let lease = try await store.acquire(World.zone, by: owner, for: 100)
                let intent = Intent(step: "s\(number)", resource: .policy, at: Instant(seconds: 1))
                try await store.record(.intent(intent, policy: nil), under: lease, audit: note)
                try await store.release(lease)
                if number.isMultiple(of: 2) {
                    #expect(try await reader.ledger(of: World.zone).intents.count == number, "a writer is there")
                }
                try store.close()
                #expect(try await reader.ledger(of: World.zone).intents.count == number, "the writer is gone")
            }
        }
    }

    @Test func `a folder's name may hold any letter`() throws {
        let world = World.make(named: "50% of ?a=b #1 – é")
        defer { world.remove() }
        try world.open().close()
        let reader = try world.reader()
        #expect(reader != nil)
    }

    @Test func `a certificate that serves two hosts keeps its key until both have another`() async throws {
        try await World.with { world in
            let store = try world.open()
            let hosts = [try DomainName("mta-sts.a.example"), try DomainName("mta-sts.b.example")]
            for host in hosts { try await store.store(material("aa"), for: host) }
            try await store.store(material("bb"), for: hosts[0])
            #expect(try await store.material(for: hosts[1])?.key.reveal() == "key aa")
            try await store.store(material("bb"), for: hosts[1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder + "/keys") == ["bb.pem"])
            try FileManager.default.removeItem(atPath: world.folder + "/keys/bb.pem")
            await #expect(throws: Failure.self, "a lost key is no absent certificate") {
                _ = try await store.material(for: hosts[0])
            }
        }
    }

    private func material(_ fingerprint: String) -> CertificateMaterial {
        let facts = CertificateFacts(
            names: ["mta-sts.a.example", "mta-sts.b.example"], notBefore: Instant(seconds: 1),
            notAfter: Instant(seconds: 2), issuer: "local", fingerprint: fingerprint)
        return CertificateMaterial(chain: "chain", key: Redacted("key \(fingerprint)"), facts: facts)
    }
}
