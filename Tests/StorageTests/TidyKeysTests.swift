import DNS
import Findings
import Foundation
import Planning
import Ports
import Sealing
import Storage
import Testing

/// What a process leaves beside the keys that is killed between a certificate and its key, and who takes it away.
@Suite(.serialized) struct TidyKeysTests {
    private static let host = (try? DomainName("mta-sts.example.com")) ?? .root
    private static let clock: @Sendable () -> Instant = { Instant(seconds: 1_800_000_000) }

    /// The `number`-th certificate of a host, with a key that names it.
    private static func material(_ number: Int) -> CertificateMaterial {
        let facts = CertificateFacts(
            names: ["mta-sts.example.com"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2),
            issuer: "ca", fingerprint: String(number, radix: 16))
        return CertificateMaterial(chain: "chain \(number)", key: Redacted("key \(number)"), facts: facts)
    }

    private static func names(_ world: World) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: world.folder + "/keys").sorted()
    }

    private static func seal() throws -> Seal {
        let octets = (0..<32).map { UInt8($0 * 7 + 1) }
        return Seal(current: try SealKey(Redacted(Data(octets).base64EncodedString()), from: "env:SEAL"))
    }

    @Test(arguments: [false, true])
    func `keys that no certificate names go, and whatever else lies there stays`(isSealed: Bool) async throws {
        try await World.with { world in
            let seal = isSealed ? try Self.seal() : .none
            let store = try SQLiteStore.open(folder: world.folder, seal: seal, clock: Self.clock)
            try await store.store(Self.material(1), for: Self.host)
            let former = world.folder + "/keys/1.pem"
            let octets = try #require(FileManager.default.contents(atPath: former))
            try await store.store(Self.material(2), for: Self.host)
            // Killed after the row of the second, before the key of the first was gone; another one before its row.
            for name in ["1.pem", "ab.pem", "2.pem.new-17-4", "pending-x.pem.new-17-5"] {
                try octets.write(to: URL(fileURLWithPath: world.folder + "/keys/" + name))
            }
            try await store.storePending(Redacted("pending"), for: Self.host)
            _ = try await store.keep(StoredAccount(key: Redacted("account")), of: "https://ca")
            for name in ["of-somebody.pem", "ab.txt"] {
                try octets.write(to: URL(fileURLWithPath: world.folder + "/keys/" + name))
            }
            #expect(try await store.tidyKeys() == 4)
            #expect(
                try Self.names(world) == [
                    "2.pem", "ab.txt", "account-https---ca.json", "of-somebody.pem",
                    "pending-mta-sts.example.com.pem",
                ])
            #expect(try await store.material(for: Self.host)?.key.reveal() == "key 2")
            #expect(try await store.tidyKeys() == 0)
        }
    }

    @Test func `killed at any moment of storing, one sweep leaves one key, that of the certificate`() async throws {
        try await World.with { world in
            var strays = 0
            for round in 1...12 {
                let folder = world.folder
                let microseconds = UInt32(round * 2_300)
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    [folder = folder as String, round = round as Int, microseconds = microseconds as UInt32] in
                    let store = try SQLiteStore.open(folder: folder, clock: TidyKeysTests.clock)
                    try await store.store(TidyKeysTests.material(round * 100_000), for: TidyKeysTests.host)
                    Thread.detachNewThread {
                        usleep(microseconds)
                        kill(getpid(), SIGKILL)
                    }
                    for number in 1... {
                        try await store.store(
                            TidyKeysTests.material(round * 100_000 + number), for: TidyKeysTests.host)
                    }
                }
                let store = try world.open()
                strays += try #require(try await store.tidyKeys(), "whoever was killed holds no lock")
                let kept = try #require(try await store.material(for: Self.host))
                #expect(kept.key.reveal().replacing("key", with: "chain") == kept.chain)
                #expect(try Self.names(world) == [kept.facts.fingerprint + ".pem"])
                try store.close()
            }
            #expect(strays > 0, "no kill ever met a certificate between its key and its row")
        }
    }

    @Test func `a sweep beside another process that stores takes no key that is about to be named`() async throws {
        try await World.with { world in
            let folder = world.folder
            let store = try world.open()
            let sweeping = Task {
                var count = 0
                while !Task.isCancelled {
                    _ = try await store.tidyKeys()
                    count += 1
                }
                return count
            }
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                let store = try SQLiteStore.open(folder: folder, clock: TidyKeysTests.clock)
                for number in 1...150 {
                    try await store.store(TidyKeysTests.material(number), for: TidyKeysTests.host)
                    let kept = try await store.material(for: TidyKeysTests.host)
                    try #require(kept?.key.reveal() == "key \(number)")
                }
            }
            sweeping.cancel()
            #expect(try await sweeping.value > 0)
            #expect(try await store.material(for: Self.host)?.key.reveal() == "key 150")
            #expect(try Self.names(world) == ["96.pem"])
        }
    }
}
