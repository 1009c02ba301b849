import Findings
import Foundation
import GRDB
import Planning
import Ports
import Sealing
import Storage
import Testing

/// What a plan may know of accounts: their URLs, without any secret.
@Suite(.serialized) struct AccountTests {
    private static let directory = "https://ca.example/dir"

    @Test func `a reader knows the account's URL without its key's seal, once the CA confirmed it`() async throws {
        try await World.with { world in
            let octets = (0..<32).map { UInt8($0 * 7 + 1) }
            let seal = Seal(current: try SealKey(Redacted(Data(octets).base64EncodedString()), from: "env:SEAL"))
            let store = try SQLiteStore.open(
                folder: world.folder, seal: seal, clock: { Instant(seconds: 1_800_000_000) })
            let reader = try #require(try world.reader())
            _ = try await store.keep(StoredAccount(key: Redacted("k")), of: Self.directory)
            #expect(try await reader.accountURL(of: Self.directory) == nil)
            try await store.replace(StoredAccount(key: Redacted("k"), url: "https://ca.example/1"), of: Self.directory)
            #expect(try await reader.accountURL(of: Self.directory) == "https://ca.example/1")
            #expect(try await reader.accountURL(of: "https://other.example/dir") == nil)
            // While another account is being made the former one counts.
            try await store.replace(
                StoredAccount(key: Redacted("k"), url: "https://ca.example/1", nextKey: Redacted("l")),
                of: Self.directory)
            #expect(try await reader.accountURL(of: Self.directory) == "https://ca.example/1")
            try await store.replace(StoredAccount(key: Redacted("l"), url: "https://ca.example/2"), of: Self.directory)
            #expect(try await reader.accountURL(of: Self.directory) == "https://ca.example/2")
        }
    }

    @Test func `an account from before there were rows, or whose row a crash kept out, is noted when it is used`()
        async throws
    {
        try await World.with { world in
            let store = try world.open()
            try await store.replace(StoredAccount(key: Redacted("k"), url: "https://ca.example/1"), of: Self.directory)
            try store.close()
            let queue = try DatabaseQueue(path: world.folder + "/certadns.sqlite")
            try await queue.write { db in
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '8 accounts'; DROP TABLE account")
            }
            try queue.close()
            let later = try world.open()
            #expect(try await later.accountURL(of: Self.directory) == "https://ca.example/1")
            let reader = try #require(try world.reader())
            #expect(try await reader.accountURL(of: Self.directory) == "https://ca.example/1")
        }
    }
}
