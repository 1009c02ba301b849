import DNS
import Foundation
import Planning
import Ports
import Storage
import Testing

/// Processes of their own on one state folder: killed at any moment, and many at once.
@Suite(.serialized) struct CrashTests {
    private static let note = AuditNote(commit: nil, digest: nil, what: "x")

    /// The n-th event of an endless history.
    private static func event(_ number: Int) -> LedgerEvent {
        .intent(Intent(step: "step\(number)", resource: .policy, at: Instant(seconds: Int64(number))), policy: nil)
    }

    @Test func `killed at any moment, a store keeps what it acknowledged, whole`() async throws {
        try await World.with { world in
            try world.open().close()
            try Data().write(to: URL(fileURLWithPath: world.folder + "/acknowledged"))
            var known = 0
            for round in 1...8 {
                let folder = world.folder
                let start = known
                let microseconds = UInt32(round * 7_000)
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    [folder = folder as String, start = start as Int, microseconds = microseconds as UInt32] in
                    let store = try SQLiteStore.open(folder: folder, clock: { Instant(seconds: 1_800_000_000) })
                    let owner = LeaseOwner(who: "child", runner: "here", command: "test")
                    let mine = try await store.acquire(World.zone, by: owner, for: 100)
                    // A thread that knows nothing of what the store is doing pulls the plug.
                    Thread.detachNewThread {
                        usleep(microseconds)
                        kill(getpid(), SIGKILL)
                    }
                    let log = try #require(
                        FileHandle(forWritingAtPath: folder + "/acknowledged"), "the parent makes the file")
                    for number in start... {
                        try await store.record(Self.event(number), under: mine, audit: Self.note)
                        try log.seekToEnd()
                        try log.write(contentsOf: Data("\(number)\n".utf8))
                    }
                }
                _ = try #require(try world.reader(), "a killed writer's ledger can be read")
                known = try await check(world, atLeast: known)
                // Its lease was never given back: time must pass.
                world.advance(1_000_000)
                try await freeLease(world)
            }
            #expect(known > 0, "no child ever got to write")
        }
    }

    private func freeLease(_ world: World) async throws {
        let store = try world.open()
        let lease = try await store.acquire(
            World.zone, by: LeaseOwner(who: "parent", runner: "here", command: "test"), for: 1)
        try await store.release(lease)
        try store.close()
    }

    /// Ledger and audit hold the same prefix of the history, with all that was acknowledged and at most one more.
    private func check(_ world: World, atLeast before: Int) async throws -> Int {
        let acknowledged = try String(contentsOfFile: world.folder + "/acknowledged", encoding: .utf8)
            .split(separator: "\n").count
        let files = ["/certadns.sqlite", "/certadns.sqlite-wal"].map { world.folder + $0 }
        let octets = files.map { FileManager.default.contents(atPath: $0) }
        let reader = try #require(try world.reader())
        let steps = try await reader.ledger(of: World.zone).intents.map(\.step)
        #expect(steps == (0..<steps.count).map { "step\($0)" })
        #expect(try await reader.history(of: World.zone, limit: .max).count == steps.count)
        #expect(steps.count >= before && (acknowledged...acknowledged + 1).contains(steps.count))
        try reader.close()
        #expect(files.map { FileManager.default.contents(atPath: $0) } == octets, "reading mended what a crash left")
        // What was written without being told counts as told from here on.
        try Data(steps.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: world.folder + "/acknowledged"))
        return steps.count
    }

    @Test func `two processes that open a new folder at once end with one store, and lose no event`() async throws {
        try await World.with { world in
            let folder = world.folder
            try await withThrowingTaskGroup(of: Void.self) { group in
                for child in 0..<4 {
                    group.addTask {
                        await #expect(processExitsWith: .success) {
                            [folder = folder as String, child = child as Int] in
                            let store = try SQLiteStore.open(folder: folder, clock: { Instant(seconds: 1) })
                            let zone = try DomainName("zone\(child).example")
                            let owner = LeaseOwner(who: "child \(child)", runner: "here", command: "test")
                            let lease = try await store.acquire(zone, by: owner, for: 100)
                            for number in 0..<25 {
                                try await store.record(Self.event(number), under: lease, audit: Self.note)
                            }
                            try store.close()
                        }
                    }
                }
                try await group.waitForAll()
            }
            let reader = try #require(try world.reader())
            #expect(try await reader.ledgers().map(\.intents.count) == [25, 25, 25, 25])
        }
    }
}
