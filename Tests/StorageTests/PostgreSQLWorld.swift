import Findings
import Foundation
import Lab
import Planning
import Sealing
import Storage
import Synchronization

/// A schema of its own on the PostgreSQL that all tests share, and a clock that only tests move.
final class PostgreSQLWorld: Sendable {
    let server: PostgreSQLServer
    let schema = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }
    private let time = Mutex(Instant(seconds: 1_800_000_000))

    private init(_ server: PostgreSQLServer) { self.server = server }

    static func with(
        on server: PostgreSQLServer? = nil, _ body: (PostgreSQLWorld) async throws -> Void
    ) async throws {
        let world = PostgreSQLWorld(try await reachable(server))
        let result: Result<Void, any Error>
        do { result = .success(try await body(world)) } catch { result = .failure(error) }
        // What a test left of it takes nothing from others.
        _ = try? world.server.sql("DROP SCHEMA IF EXISTS \(world.schema) CASCADE")
        try result.get()
    }

    private static func reachable(_ server: PostgreSQLServer?) async throws -> PostgreSQLServer {
        if let server { return server }
        return try await .shared()
    }

    func advance(_ seconds: Int) { time.withLock { $0 = $0 + seconds } }

    static func seal(_ seed: UInt8 = 1) throws -> Seal {
        let octets = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) &+ seed }
        return Seal(current: try SealKey(Redacted(Data(octets).base64EncodedString()), from: "env:SEAL"))
    }

    /// Where it is, as the superuser or as another.
    func place(
        user: String = PostgreSQLServer.user, password: String? = nil,
        encryption: PostgreSQLPlace.Encryption = .asServerWishes, port: Int? = nil, host: String = "127.0.0.1",
        patience: Int = 30
    ) -> PostgreSQLPlace {
        PostgreSQLPlace(
            host: host, port: port ?? server.port, database: PostgreSQLServer.database, user: user,
            password: Redacted(password ?? server.password), schema: schema, encryption: encryption,
            patience: patience)
    }

    /// A store whose clock stands still.
    func open() async throws -> PostgreSQLStore {
        try await PostgreSQLStore.open(place(), seal: Self.seal()) { _ in self.time.withLock { $0 } }
    }

    /// A store by the server's clock.
    func openByServerClock() async throws -> PostgreSQLStore {
        try await PostgreSQLStore.open(place(), seal: Self.seal())
    }
}
