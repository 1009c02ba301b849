import HostSupport
import Ports
import Synchronization
import Testing

@testable import PolicyHost

/// What the host keeps in memory, and what it says of a store that fails.
@Suite struct CacheTests {
    @Test func `never more than the limit is kept, and never another's value`() {
        var cache = BoundedCache<Int, Int>(limit: 50)
        var latest: [Int: Int] = [:]
        var state: UInt64 = 7
        for step in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Int(state >> 33) % 120
            switch (state >> 20) % 8 {
            case 0:
                cache.drop(key)
                latest[key] = nil
            case 1, 2, 3:
                cache.keep(step, for: key)
                latest[key] = step
                #expect(cache.value(for: key) == step)
            default:
                if let value = cache.value(for: key) { #expect(value == latest[key]) }
            }
            #expect(cache.count <= 50)
        }
    }

    @Test func `who walks through all names does not push out those that are asked for again`() {
        var cache = BoundedCache<Int, Int>(limit: 100)
        for key in 0..<50 { cache.keep(key, for: key) }
        for stranger in 1_000..<3_000 {
            cache.keep(stranger, for: stranger)
            // Asked for now and then, far less often than strangers come.
            if stranger % 20 == 0 { for key in 0..<50 { #expect(cache.value(for: key) == key) } }
        }
    }

    @Test func `a failure that repeats is one line a minute with a count, and its end is told`() async throws {
        let log = LogLines()
        let clock = Mutex(ContinuousClock.now)
        let failures = RepeatedFailures(logger: log.logger, what: "certificates", now: { clock.withLock(\.self) })
        func fail(_ times: Int) async {
            for _ in 0..<times {
                await #expect(throws: Failure.self) {
                    try await failures.watch { () throws(Failure) in throw Failure(.storage, "the disk is gone") }
                }
            }
        }
        func succeed() async throws { try await failures.watch { () throws(Failure) in } }
        try await succeed()
        #expect(log.lines == [])
        await fail(1_000)
        try await succeed()
        #expect(log.lines == ["error certificates can't be read reason=the disk is gone times=1"])
        clock.withLock { $0 += .seconds(61) }
        await fail(500)
        #expect(log.lines.last == "error certificates can't be read reason=the disk is gone times=1000")
        clock.withLock { $0 += .seconds(61) }
        try await succeed()
        try await succeed()
        #expect(log.lines.dropFirst(2) == ["notice certificates can be read again times=499"])
    }
}
