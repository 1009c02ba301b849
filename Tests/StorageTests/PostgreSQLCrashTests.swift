import DNS
import Foundation
import Lab
import Planning
import Ports
import Storage
import Synchronization
import Testing

/// PostgreSQL servers of their own, whose connections they end and which they kill.
@Suite(.serialized) struct PostgreSQLCrashTests {
    /// For what a server outlives.
    private static let own = Task { try await PostgreSQLServer.start() }

    private let owner = LeaseOwner(who: "alice", runner: "laptop:7", command: "certadns apply")
    private let note = AuditNote(commit: nil, digest: nil, what: "x")

    private func event(_ number: Int) -> LedgerEvent {
        .intent(Intent(step: "step\(number)", resource: .policy, at: Instant(seconds: Int64(number))), policy: nil)
    }

    @Test func `a server that is killed in the middle takes nothing back, and leaves nothing half written`()
        async throws
    {
        let first = try await PostgreSQLServer.start()
        try await PostgreSQLWorld.with(on: first) { world in
            var server = first
            let store = try await world.openByServerClock()
            let lease = try await store.acquire(World.zone, by: owner, for: 1_000)
            var next = 0
            for round in 1...3 {
                let written = Mutex(next)
                let (process, enough) = (server.process, next + 2 * round)
                // A thread that knows nothing of what the store is doing, but that it has begun, pulls the plug.
                Thread.detachNewThread {
                    while written.withLock({ $0 < enough }) { usleep(200) }
                    usleep(UInt32(700 * round))
                    kill(process, SIGQUIT)
                }
                var failed: Failure?
                while failed == nil {
                    let number = written.withLock { $0 }
                    do throws(Failure) {
                        try await store.record(event(number), under: lease, audit: note)
                        written.withLock { $0 += 1 }
                    } catch { failed = error }
                }
                // An unknown end is told only where nobody can say for a long time.
                #expect(failed?.kind == .unreachable || failed?.kind == .timedOut, "\(String(describing: failed))")
                server = try await server.again()
                let steps = Set(try await store.ledger(of: World.zone).intents.map(\.step))
                let done = written.withLock { $0 }
                #expect(done > next, "round \(round) wrote nothing")
                #expect(steps.isSuperset(of: (0..<done).map { "step\($0)" }))
                #expect(steps.count <= done + 1)
                #expect(try await store.history(of: World.zone, limit: 9_999).count == steps.count)
                next = steps.count
            }
            try await unknownEnd(world, server, lease)
        }
    }

    /// A server that dies between commit and answer, and stays away.
    private func unknownEnd(_ world: PostgreSQLWorld, _ server: PostgreSQLServer, _ lease: Lease) async throws {
        let store = try await PostgreSQLStore.open(world.place(patience: 3), seal: PostgreSQLWorld.seal())
        try server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try server.sql("SELECT pg_reload_conf()")
        let last = event(9_999)
        async let ended = failure { try await store.record(last, under: lease, audit: note) }
        try await eventually("somebody waits for a standby") {
            try server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1"
        }
        kill(server.process, SIGQUIT)
        let failed = await ended
        #expect(failed?.kind == .timedOut && failed?.detail.contains("may be there or not") == true)
        let back = try await server.again()
        try back.sql("ALTER SYSTEM RESET synchronous_standby_names")
        try back.sql("SELECT pg_reload_conf()")
        #expect(try await store.ledger(of: World.zone).intents.map(\.step).contains("step9999"))
        back.stop()
    }

    private func failure(_ body: () async throws -> Void) async -> Failure? {
        do { try await body() } catch { return error as? Failure }
        return nil
    }

    private func eventually(_ what: Comment, _ isSo: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if try isSo() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record(what)
    }

    @Test func `a commit whose answer was lost is looked for, and never taken for what it is not`() async throws {
        let server = try await Self.own.value
        try await PostgreSQLWorld.with(on: server) { world in
            let store = try await world.openByServerClock()
            let lease = try await store.acquire(World.zone, by: owner, for: 1_000)
            // Committed on the server, which then waits for a standby that does not exist before it answers.
            try server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try server.sql("SELECT pg_reload_conf()")
            async let committed: Void = store.record(event(1), under: lease, audit: note)
            try await end(server, waitingFor: "SyncRep")
            try await committed
            #expect(try await store.ledger(of: World.zone).intents.map(\.step) == ["step1"])
            try server.sql("ALTER SYSTEM RESET synchronous_standby_names")
            try server.sql("SELECT pg_reload_conf()")
            // Ended by a trigger at the very commit: rolled back, and told so.
            try server.sql(
                """
                CREATE FUNCTION \(world.schema).stop() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER stop AFTER INSERT ON \(world.schema).audit DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION \(world.schema).stop()
                """)
            await #expect { try await store.record(event(2), under: lease, audit: note) } throws: {
                ($0 as? Failure)?.kind == .unreachable
            }
            #expect(try await store.ledger(of: World.zone).intents.map(\.step) == ["step1"])
        }
    }

    @Test func `connections that the server ended are made anew by the next call`() async throws {
        let server = try await Self.own.value
        try await PostgreSQLWorld.with(on: server) { world in
            let store = try await world.openByServerClock()
            let lease = try await store.acquire(World.zone, by: owner, for: 100)
            for _ in 1...3 {
                _ = try await store.ledgers()
                try world.server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'certadns'"
                )
                try await store.record(.mxSeen([World.zone]), under: lease, audit: note)
                #expect(try await store.ledger(of: World.zone).mxSeen.count == 1)
            }
        }
    }

    @Test func `a server that falls silent keeps nobody waiting for ever`() async throws {
        let server = try await Self.own.value
        try await PostgreSQLWorld.with(on: server) { world in
            let store = try await PostgreSQLStore.open(world.place(patience: 3), seal: PostgreSQLWorld.seal())
            let lease = try await store.acquire(World.zone, by: owner, for: 1_000)
            let pids = try server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'certadns'")
                .split(separator: "\n").compactMap { Int32($0) }
            #expect(!pids.isEmpty)
            for pid in pids { kill(pid, SIGSTOP) }
            // Given up on that connection, done on a fresh one.
            try await store.record(event(1), under: lease, audit: note)
            for pid in pids { kill(pid, SIGCONT) }
            #expect(try await store.ledger(of: World.zone).intents.map(\.step) == ["step1"])
            #expect(try await store.history(of: nil, limit: 9).count == 1)
        }
    }

    /// Ends the connection that waits in this way.
    private func end(_ server: PostgreSQLServer, waitingFor event: String) async throws {
        try await eventually("somebody waits for \(event)") {
            try server.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = '\(event)' AND application_name = 'certadns'"
            ) == "t"
        }
    }
}
