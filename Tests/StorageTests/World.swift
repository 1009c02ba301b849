import DNS
import Foundation
import Planning
import Storage
import Synchronization

/// A state folder of its own and a clock that only tests move.
final class World: Sendable {
    static let zone = (try? DomainName("example.com")) ?? .root
    let folder: String
    private let time = Mutex(Instant(seconds: 1_800_000_000))

    private init(_ name: String) {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name + UUID().uuidString).path
    }

    static func make(named name: String = "certadns-state-") -> World { World(name) }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    static func with(_ body: (World) async throws -> Void) async throws {
        let world = World.make()
        defer { world.remove() }
        try await body(world)
    }

    func advance(_ seconds: Int) { time.withLock { $0 = $0 + seconds } }

    func open() throws -> SQLiteStore {
        try SQLiteStore.open(folder: folder, grace: 60, clock: { self.time.withLock { $0 } })
    }

    func reader() throws -> SQLiteReader? {
        try SQLiteReader.open(folder: folder, clock: { self.time.withLock { $0 } })
    }

    func mode(_ name: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: folder + name)[.posixPermissions] as? Int) ?? -1
    }
}
