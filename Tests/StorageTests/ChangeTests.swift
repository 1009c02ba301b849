import DNS
import Findings
import Foundation
import MTASTS
import Planning
import Ports
import Storage
import Testing

/// How those who serve from memory learn that the store has something else now.
@Suite(.serialized) struct ChangeTests {
    private let zone = World.zone

    private func policy(_ mode: String) throws -> PublishedBody {
        PublishedBody(id: try #require(PolicyID("1x0123456789abcdef")), body: "version: STSv1\nmode: \(mode)\n")
    }

    @Test func `what a process stores it knows at once, and others when they ask`() async throws {
        try await World.with { world in
            let store = try world.open()
            let other = try world.open()
            defer { try? store.close() }
            defer { try? other.close() }
            var own = store.changes.own
            var all = try await other.changes.all()
            let host = WellKnown.hostName(zone)
            let facts = CertificateFacts(
                names: [host.description], notBefore: Instant(seconds: 0), notAfter: Instant(seconds: 1),
                issuer: "test", fingerprint: "00")
            let writes: [() async throws -> Void] = [
                { try await store.put(policy("testing"), for: zone) },
                { try await store.put(policy("enforce"), for: zone) },
                { try await store.remove(for: zone) },
                { try await store.store(CertificateMaterial(chain: "c", key: Redacted("k"), facts: facts), for: host) },
            ]
            for write in writes {
                let elsewhere = other.changes.own
                try await write()
                #expect(store.changes.own != own)
                #expect(other.changes.own == elsewhere)
                let now = try await other.changes.all()
                #expect(now != all)
                (own, all) = (store.changes.own, now)
            }
        }
    }

    @Test func `a store that nobody changed answers the same, whoever reads`() async throws {
        try await World.with { world in
            let store = try world.open()
            let other = try world.open()
            defer { try? store.close() }
            defer { try? other.close() }
            try await store.put(policy("testing"), for: zone)
            let (own, all) = (store.changes.own, try await store.changes.all())
            for _ in 0..<20 {
                _ = try await store.policy(for: zone)
                _ = try await other.policy(for: zone)
                #expect(try await store.changes.all() == all)
            }
            #expect(store.changes.own == own)
        }
    }

    @Test func `who watched a store leaves no log of it behind`() async throws {
        try await World.with { world in
            let store = try world.open()
            try await store.put(policy("testing"), for: zone)
            _ = try await store.changes.all()
            try store.close()
            #expect(!FileManager.default.fileExists(atPath: world.folder + "/certadns.sqlite-wal"))
            await #expect(throws: Failure.self) { try await store.changes.all() }
        }
    }
}
