import Foundation
import Testing

@testable import ACME

/// How often a CA is asked for its directory.
@Suite struct DirectoryTests {
    /// Answers late, so that all who start at once find the question open.
    private struct SlowCA: ACMEExchange {
        let ca: ScriptedCA

        func send(
            _ method: ACMETransport.Method, _ url: String, accept: String?
        ) async throws(ACMEError) -> ACMEAnswer {
            for _ in 0..<1_000 { await Task.yield() }
            return try await ca.send(method, url, accept: accept)
        }
    }

    private func session(_ ca: ScriptedCA) -> ACMESession {
        ACMESession(directory: "https://ca/directory", through: SlowCA(ca: ca), now: { Date() })
    }

    @Test func `zones that start at once ask for the directory once, and one that is cancelled takes it from no other`()
        async throws
    {
        let ca = ScriptedCA([:])
        let session = session(ca)
        let first = Task { try await session.directory().newNonce }
        await Task.yield()
        first.cancel()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 { group.addTask { try await session.directory().newNonce } }
            for try await url in group { #expect(url == "https://ca/nonce") }
        }
        _ = await first.result
        #expect(ca.count(.directory) == 1)
    }

    @Test func `a failure is not kept`() async throws {
        let ca = ScriptedCA([.directory: [.init(status: 503, body: "{}")]])
        let session = session(ca)
        await #expect(throws: ACMEError.self) { _ = try await session.directory() }
        await #expect(throws: ACMEError.self) { _ = try await session.directory() }
        #expect(ca.count(.directory) == 2)
    }
}
