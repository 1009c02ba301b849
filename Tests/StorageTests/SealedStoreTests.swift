import DNS
import Findings
import Foundation
import Planning
import Ports
import Sealing
import Storage
import Testing

/// The store's private keys under a seal.
@Suite(.serialized) struct SealedStoreTests {
    private static let host = (try? DomainName("mta-sts.example.com")) ?? .root

    private func key(_ seed: UInt8) throws -> SealKey {
        let octets = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) &+ seed }
        return try SealKey(Redacted(Data(octets).base64EncodedString()), from: "env:SEAL")
    }

    private func open(_ world: World, _ seal: Seal) throws -> SQLiteStore {
        try SQLiteStore.open(folder: world.folder, seal: seal, clock: { Instant(seconds: 1_800_000_000) })
    }

    private var material: CertificateMaterial {
        let facts = CertificateFacts(
            names: ["mta-sts.example.com"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2),
            issuer: "local", fingerprint: "ab")
        return CertificateMaterial(chain: "chain", key: Redacted("-----BEGIN hunter2"), facts: facts)
    }

    private func fill(_ store: SQLiteStore) async throws {
        try await store.store(material, for: Self.host)
        try await store.storePending(Redacted("-----BEGIN hunter3"), for: Self.host)
        _ = try await store.keep(StoredAccount(key: Redacted("-----BEGIN hunter4")), of: "https://ca")
        try await store.replace(
            StoredAccount(
                key: Redacted("-----BEGIN hunter4"), url: "u", nextKey: Redacted("-----BEGIN hunter5"),
                candidates: [Redacted("-----BEGIN hunter6")]),
            of: "https://ca")
    }

    private func check(_ store: SQLiteStore) async throws {
        #expect(try await store.material(for: Self.host)?.key.reveal() == "-----BEGIN hunter2")
        #expect(try await store.pendingKey(for: Self.host)?.reveal() == "-----BEGIN hunter3")
        let account = try await store.account(of: "https://ca")
        #expect(account?.key.reveal() == "-----BEGIN hunter4" && account?.nextKey?.reveal() == "-----BEGIN hunter5")
        #expect(account?.candidates.map { $0.reveal() } == ["-----BEGIN hunter6"])
    }

    @Test func `an account is replaced only where it still is what was read`() async throws {
        try await World.with { world in
            let store = try open(world, Seal(current: try key(1)))
            let (old, new) = (StoredAccount(key: Redacted("a")), StoredAccount(key: Redacted("a"), url: "u"))
            #expect(try await !store.replace(old, by: new, of: "https://ca"), "there is none")
            _ = try await store.keep(old, of: "https://ca")
            #expect(try await store.replace(old, by: new, of: "https://ca"))
            #expect(try await !store.replace(old, by: StoredAccount(key: Redacted("b")), of: "https://ca"))
            let held = try await store.account(of: "https://ca")
            #expect(held?.key.reveal() == "a" && held?.url == "u" && held?.nextKey == nil)
        }
    }

    @Test func `of many who replace what they all read, one does`() async throws {
        try await World.with { world in
            let stores = try (0..<4).map { _ in try open(world, .none) }
            let old = StoredAccount(key: Redacted("a"))
            _ = try await stores[0].keep(old, of: "https://ca")
            let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        let next = StoredAccount(key: Redacted("\(number)"), url: "\(number)")
                        return try await stores[number % 4].replace(old, by: next, of: "https://ca") ? number : nil
                    }
                }
                return try await group.reduce(into: [Int]()) { all, number in if let number { all.append(number) } }
            }
            #expect(winners.count == 1)
            #expect(try await stores[0].account(of: "https://ca")?.url == winners.first.map { "\($0)" })
            #expect(try await stores[1].accountURL(of: "https://ca") == winners.first.map { "\($0)" })
        }
    }

    @Test func `every key is sealed as it is written, and no octet of one lies in the folder`() async throws {
        try await World.with { world in
            let seal = Seal(current: try key(1))
            let store = try open(world, seal)
            try await fill(store)
            try await check(store)
            let names = try FileManager.default.contentsOfDirectory(atPath: world.folder + "/keys")
            #expect(names.count == 3)
            for name in names {
                let octets = try #require(FileManager.default.contents(atPath: world.folder + "/keys/" + name))
                #expect(octets.range(of: Data("hunter".utf8)) == nil, "\(name)")
                #expect(try world.mode("/keys/" + name) == 0o600)
            }
        }
    }

    @Test func `keys from before the seal are read, and a sealed one without its secret is no absent one`() async throws
    {
        try await World.with { world in
            try await fill(try open(world, .none))
            let sealed = Seal(current: try key(1))
            try await check(try open(world, sealed))
            #expect(try KeyFiles(folder: world.folder, seal: sealed).rotate().changed == 3)
            try await check(try open(world, sealed))
            for (seal, word) in [
                (Seal.none, "no secret is configured"), (Seal(current: try key(2)), "under another key"),
            ] {
                let store = try open(world, seal)
                for call in [
                    { _ = try await store.material(for: Self.host) },
                    { _ = try await store.pendingKey(for: Self.host) },
                    { _ = try await store.account(of: "https://ca") },
                ] as [() async throws -> Void] {
                    let error = await #expect(throws: Failure.self) { try await call() }
                    #expect(error?.kind == .configuration && error?.detail.contains(word) == true)
                }
            }
        }
    }

    @Test func `the other cipher keeps them as well, and what is dropped is gone`() async throws {
        try await World.with { world in
            let store = try open(world, Seal(current: try key(1), cipher: .aes256GCM))
            try await fill(store)
            try await check(store)
            try await store.dropPending(for: Self.host)
            #expect(try await store.pendingKey(for: Self.host) == nil)
        }
    }
}
