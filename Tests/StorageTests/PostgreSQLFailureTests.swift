import DNS
import Findings
import Foundation
import Lab
import MTASTS
import Planning
import Ports
import Sealing
import Storage
import Testing

/// What PostgreSQL can do to a store, and the words for it.
@Suite struct PostgreSQLFailureTests {
    private let owner = LeaseOwner(who: "alice", runner: "laptop:7", command: "certadns apply")
    private let note = AuditNote(commit: nil, digest: nil, what: "x")

    private func failure(_ body: () async throws -> Void) async -> Failure? {
        do { try await body() } catch { return error as? Failure }
        return nil
    }

    @Test func `a wrong password, nobody there and a missing database are told in words, none of them secret`()
        async throws
    {
        try await PostgreSQLWorld.with { world in
            let wrong = await failure {
                _ = try await PostgreSQLStore.open(
                    world.place(password: "hunter2-wrong"), seal: PostgreSQLWorld.seal())
            }
            #expect(wrong?.kind == .unauthorized)
            #expect(wrong?.detail.contains("password authentication failed") == true)
            #expect(wrong?.detail.contains("hunter2") == false)
            let none = await failure {
                _ = try await PostgreSQLStore.open(
                    world.place(port: try FreePort.find()), seal: PostgreSQLWorld.seal())
            }
            #expect(none?.kind == .unreachable && none?.retryable == true)
            #expect(none?.detail.contains("Connection refused") == true)
            #expect(none?.detail.contains("state: postgres") == true)
            let place = PostgreSQLPlace(
                host: "127.0.0.1", port: world.server.port, database: "nosuch", user: PostgreSQLServer.user,
                password: Redacted(world.server.password), encryption: .off)
            let missing = await failure { _ = try await PostgreSQLReader.open(place) }
            #expect(missing?.detail.contains("database \"nosuch\" does not exist") == true)
        }
    }

    @Test func `keys are sealed, or there is no store`() async throws {
        try await PostgreSQLWorld.with { world in
            let refused = await failure { _ = try await PostgreSQLStore.open(world.place(), seal: .none) }
            #expect(refused?.kind == .configuration)
            #expect(refused?.detail.contains("seal") == true)
            let store = try await world.open()
            let host = try DomainName("mta-sts.example.com")
            let facts = CertificateFacts(
                names: ["\(host)"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2), issuer: "local",
                fingerprint: "ab")
            let material = CertificateMaterial(chain: "chain", key: Redacted("-----BEGIN hunter2"), facts: facts)
            try await store.store(material, for: host)
            try await store.storePending(Redacted("-----BEGIN hunter3"), for: host)
            _ = try await store.keep(StoredAccount(key: Redacted("-----BEGIN hunter4"), url: "u"), of: "https://ca")
            #expect(try await store.account(of: "https://ca")?.key.reveal() == "-----BEGIN hunter4")
            #expect(try await store.accountURL(of: "https://ca") == "u")
            let sealed = try world.server.sql(
                "SELECT count(*) FROM \(world.schema).private_key WHERE convert_from(sealed, 'UTF8') LIKE 'CERTADNS-SEALED %' AND convert_from(sealed, 'UTF8') NOT LIKE '%hunter%'"
            )
            #expect(sealed == "3")
            // Under a new secret, as `certadns keys rotate` does it; once more changes nothing.
            let new = Seal(
                current: try PostgreSQLWorld.seal(9).current,
                previous: [try PostgreSQLWorld.seal().current].compactMap(\.self))
            let rotating = try await PostgreSQLStore.open(world.place(), seal: new)
            #expect(try await rotating.inventory().sealed.values.sorted() == [3])
            for changed in [3, 0] {
                let result = try await rotating.rotate()
                #expect(result.changed == changed && result.same == 3 - changed && result.failed.isEmpty)
            }
            #expect(try await store.closedToUs()?.contains("sealed under another key") == true)
            #expect(try await store.rotate().failed.count == 3, "what can't be opened stays as it is")
            let renewed = try await PostgreSQLStore.open(world.place(), seal: PostgreSQLWorld.seal(9))
            #expect(try await renewed.closedToUs() == nil)
            #expect(try await renewed.material(for: host)?.key.reveal() == "-----BEGIN hunter2")
            #expect(try await renewed.pendingKey(for: host)?.reveal() == "-----BEGIN hunter3")
            // A row that was put in another's place, or in the open, is no key.
            try world.server.sql(
                "UPDATE \(world.schema).private_key SET sealed = convert_to('-----BEGIN open', 'UTF8')")
            #expect(await failure { _ = try await store.material(for: host) }?.kind == .storage)
            try await store.store(material, for: host)
            #expect(await failure { _ = try await renewed.material(for: host) }?.kind == .configuration)
        }
    }

    @Test func `a database of another program's time is refused in words, and none is none`() async throws {
        try await PostgreSQLWorld.with { world in
            let none = try await PostgreSQLReader.open(world.place())
            #expect(none == nil)
            let store = try await world.open()
            let reader = try #require(try await PostgreSQLReader.open(world.place()))
            #expect(try await reader.ledgers().isEmpty)
            try world.server.sql("DELETE FROM \(world.schema).certadns_step WHERE name LIKE '13 %'")
            let older = await failure { _ = try await PostgreSQLReader.open(world.place()) }
            #expect(older?.detail.contains("older CertaDNS") == true)
            try world.server.sql(
                "INSERT INTO \(world.schema).certadns_step VALUES ('98 from the future'), ('99 from the future')")
            let outlived = await failure { try await store.remove(for: World.zone) }
            #expect(outlived?.detail.contains("by a newer CertaDNS") == true)
            for open in [
                { _ = try await PostgreSQLReader.open(world.place()) }, { _ = try await world.open() },
            ] as [() async throws -> Void] {
                let newer = await failure(open)
                #expect(newer?.kind == .storage && newer?.detail.contains("newer CertaDNS") == true)
            }
            try store.close()
        }
    }

    @Test func `a role that may only read is enough for plans, and told so when it writes`() async throws {
        try await PostgreSQLWorld.with { world in
            let role = "r\(world.schema)"
            try await world.open().put(
                PublishedBody(id: try #require(PolicyID("1x0123456789abcdef")), body: "b"), for: World.zone)
            try world.server.sql(
                """
                CREATE ROLE \(role) LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA \(world.schema) TO \(role);
                GRANT SELECT ON ALL TABLES IN SCHEMA \(world.schema) TO \(role)
                """)
            let place = world.place(user: role, password: "p")
            let reader = try #require(try await PostgreSQLReader.open(place))
            #expect(try await reader.policy(for: World.zone)?.body == "b")
            let store = try await PostgreSQLStore.open(place, seal: PostgreSQLWorld.seal())
            let refused = await failure { try await store.remove(for: World.zone) }
            #expect(refused?.kind == .unauthorized)
            #expect(refused?.detail.contains("permission denied") == true)
            try world.server.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test func `of several that find no tables one makes them, and a clock that is not the server's is told`()
        async throws
    {
        try await PostgreSQLWorld.with { world in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await world.openByServerClock() } }
                try await group.waitForAll()
            }
            let store = try await world.openByServerClock()
            #expect(try await store.ledgers().isEmpty)
            try await store.checkSkew({ Instant(Date()) }, of: "here")
            let late = await failure { try await store.checkSkew({ Instant(Date()) + -90 }, of: "PostgreSQL there") }
            #expect(late?.kind == .configuration)
            #expect(late?.detail.contains("seconds behind that of PostgreSQL there") == true)
        }
    }

    @Test func `whoever waits too long for another writer is told so, and has written nothing`() async throws {
        try await PostgreSQLWorld.with { world in
            let store = try await PostgreSQLStore.open(world.place(patience: 3), seal: PostgreSQLWorld.seal())
            let server = world.server
            let schema = world.schema
            let other = Task.detached {
                try server.sql(
                    "BEGIN; SELECT pg_advisory_xact_lock(1667523169, '\(schema).certadns_step'::regclass::oid::int4); SELECT pg_sleep(4)"
                )
            }
            let end = ContinuousClock.now + .seconds(10)
            let held =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = '\(schema).certadns_step'::regclass"
            while try server.sql(held) == "0", ContinuousClock.now < end { await Task.yield() }
            let busy = await failure { _ = try await store.acquire(World.zone, by: owner, for: 9) }
            #expect(busy?.kind == .busy && busy?.retryable == true, "\(String(describing: busy))")
            #expect(try await store.holder(of: World.zone) == nil, "reading waits for nobody")
            _ = try await other.value
            _ = try await store.acquire(World.zone, by: owner, for: 9)
        }
    }

    @Test func `over TLS the server proves its name, or nothing is told to it`() async throws {
        try await PostgreSQLWorld.with { world in
            let verified = world.place(encryption: .verified(roots: world.server.roots))
            let store = try await PostgreSQLStore.open(verified, seal: PostgreSQLWorld.seal())
            #expect(try await store.ledgers().isEmpty)
            // It answers at both addresses, and its certificate has one of them; the other CA is as real, and did not sign it.
            let elsewhere = try await PostgreSQLReader.open(world.place(host: "127.0.0.2"))
            #expect(elsewhere != nil)
            for (host, roots, words) in [
                ("127.0.0.1", world.server.otherRoots, "certificate verify failed"),
                ("127.0.0.2", world.server.roots, "does not match host name"),
            ] {
                let stranger = world.place(encryption: .verified(roots: roots), host: host)
                let refused = await failure { _ = try await PostgreSQLReader.open(stranger) }
                #expect(refused?.kind == .unreachable)
                #expect(refused?.detail.contains(words) == true, "\(String(describing: refused))")
            }
        }
    }

    @Test func `a server that has no room for us is tried again, whether or not it knows our password`() async throws {
        try await PostgreSQLWorld.with { world in
            let role = "r\(world.schema)"
            try world.server.sql("CREATE ROLE \(role) LOGIN PASSWORD 'p' CONNECTION LIMIT 0")
            let full = await failure {
                _ = try await PostgreSQLReader.open(world.place(user: role, password: "p"))
            }
            try world.server.sql("DROP ROLE \(role)")
            #expect(full?.kind == .unreachable && full?.retryable == true)
            #expect(full?.detail.contains("too many connections") == true, "\(String(describing: full))")
        }
    }

    @Test func `a commit that the server turned into a rollback is none`() async throws {
        try await PostgreSQLWorld.with { world in
            let store = try await world.open()
            let lost = await failure {
                try await store.write { db in
                    try db.run("INSERT INTO policy (zone, id, body) VALUES ('a.test', '1x', 'b')", [])
                    // Whoever goes on after a statement failed has nothing to commit.
                    _ = try? db.run("SELECT nonsense", [])
                }
            }
            #expect(lost?.kind == .storage)
            #expect(lost?.detail.contains("rolled back") == true, "\(String(describing: lost))")
            try await store.write { try $0.run("SELECT 1", []) }
        }
    }

    @Test func `roles that look for the tables along different paths wait for each other's writes`() async throws {
        try await PostgreSQLWorld.with { world in
            let (one, two) = ("a\(world.schema)", "b\(world.schema)")
            try world.server.sql(
                """
                CREATE SCHEMA \(world.schema); CREATE SCHEMA \(two);
                CREATE ROLE \(one) LOGIN SUPERUSER PASSWORD 'p'; ALTER ROLE \(one) SET search_path = \(world.schema);
                CREATE ROLE \(two) LOGIN SUPERUSER PASSWORD 'p'; ALTER ROLE \(two) SET search_path = \(two), \(world.schema)
                """)
            var locks: [String] = []
            for role in [one, two] {
                let place = PostgreSQLPlace(
                    host: "127.0.0.1", port: world.server.port, database: PostgreSQLServer.database, user: role,
                    password: Redacted("p"), encryption: .off)
                let store = try await PostgreSQLStore.open(place, seal: PostgreSQLWorld.seal())
                locks += try await store.write { db in
                    try db.rows(
                        """
                        SELECT classid || ':' || objid AS lock FROM pg_locks
                        WHERE locktype = 'advisory' AND pid = pg_backend_pid()
                        """, []
                    ).map { try $0.text("lock") }
                }
                try store.close()
            }
            try world.server.sql("DROP SCHEMA \(two), \(world.schema) CASCADE; DROP ROLE \(one); DROP ROLE \(two)")
            #expect(locks.count == 2 && Set(locks).count == 1, "\(locks)")
        }
    }

    @Test func `dates are the server's: a machine a few seconds behind it works, and one that is minutes off does not`()
        async throws
    {
        try await PostgreSQLWorld.with { world in
            let store = try await world.openByServerClock()
            let lease = try await store.acquire(World.zone, by: owner, for: 60)
            try await store.record(.withdrawn(step: "x"), under: lease, audit: note)
            try await store.checkLastEntry(by: "the server's clock")
            try await store.checkSkew({ Instant(Date()) + -5 }, of: "PostgreSQL there")
            let far = await failure { try await store.checkSkew({ Instant(Date()) + -120 }, of: "PostgreSQL there") }
            #expect(far?.kind == .configuration)
            let standing = try await world.open()
            world.advance(-1_000_000_000)
            let behind = await failure { try await standing.checkLastEntry(by: "the server's clock") }
            #expect(behind?.detail.contains("the server's clock says") == true)
        }
        try await World.with { world in
            let store = try world.open()
            let lease = try await store.acquire(World.zone, by: owner, for: 60)
            try await store.record(.withdrawn(step: "x"), under: lease, audit: note)
            try await store.checkLastEntry(by: "this machine's clock")
            world.advance(-2)
            let behind = await failure { try await store.checkLastEntry(by: "this machine's clock") }
            #expect(behind?.kind == .configuration)
            #expect(behind?.detail.contains("this machine's clock says") == true)
        }
    }

    @Test func `how keys are sealed a role that may only read can count, and nothing is made for it`() async throws {
        try await PostgreSQLWorld.with { world in
            let role = "r\(world.schema)"
            let store = try await world.open()
            try await store.storePending(Redacted("-----BEGIN hunter3"), for: World.zone)
            try world.server.sql(
                """
                CREATE ROLE \(role) LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA \(world.schema) TO \(role);
                GRANT SELECT ON ALL TABLES IN SCHEMA \(world.schema) TO \(role)
                """)
            let reader = try #require(try await PostgreSQLReader.open(world.place(user: role, password: "p")))
            let inventory = try await reader.inventory(under: PostgreSQLWorld.seal())
            #expect(inventory.sealed.values.reduce(0, +) == 1 && inventory.plain == 0)
            #expect(try await reader.inventory(under: PostgreSQLWorld.seal(9)).unreadable.count == 1)
            try world.server.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test func `of many that want a zone one has it, and no two ever the same fencing number`() async throws {
        try await PostgreSQLWorld.with { world in
            let stores = [try await world.openByServerClock(), try await world.openByServerClock()]
            for round in 1...3 {
                let leases = await withTaskGroup(of: Lease?.self) { group in
                    for number in 0..<8 {
                        group.addTask { [owner] in
                            try? await stores[number % 2].acquire(World.zone, by: owner, for: 100)
                        }
                    }
                    return await group.reduce(into: [Lease]()) { list, lease in if let lease { list.append(lease) } }
                }
                #expect(leases.map(\.fencing) == [Int64(round)])
                for lease in leases { try await stores[1].release(lease) }
            }
            let lapsed = try await stores[0].acquire(World.zone, by: owner, for: 100)
            try world.server.sql("UPDATE \(world.schema).lease SET until = until - 1000")
            let taken = try await stores[1].acquire(World.zone, by: owner, for: 100)
            #expect(taken.fencing == lapsed.fencing + 1)
            #expect(
                await failure { try await stores[0].record(.withdrawn(step: "x"), under: lapsed, audit: note) }?.kind
                    == .conflict)
        }
    }
}
