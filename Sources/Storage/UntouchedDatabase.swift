import Foundation
import GRDB
import Ports
import Synchronization

/// A database file opened so that reading changes no byte of the folder and makes no file in it.
///
/// Where a log lies beside the database, somebody writes or crashed, and SQLite reads through it. Where none lies, the
/// database was closed cleanly: told that nobody writes, SQLite wants no log of its own. That is true only as long as the
/// file stays as it was, so it is looked at before and after each read, and opened anew when it moved.
final class UntouchedDatabase: Sendable {
    private struct Opened {
        let queue: DatabaseQueue
        let stamp: FileStamp?
        let hasLog: Bool
    }
    private let files: StoreFiles
    private let opened: Mutex<Opened>

    /// How often a read is made again because a writer came or went meanwhile.
    private static let tries = 20

    init(_ files: StoreFiles) throws(Failure) {
        self.files = files
        opened = Mutex(try Self.open(files))
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        for _ in 0..<Self.tries {
            let current = opened.withLock { $0 }
            if current.hasLog { return try await current.queue.read(body) }
            if try isStill(current) {
                do {
                    let value = try await current.queue.read(body)
                    if try isStill(current) { return value }
                } catch {
                    // Half old, half new pages read as damage; only a file that stayed as it was is damaged.
                    if try isStill(current) { throw error }
                }
            }
            let fresh = try Self.open(files)
            opened.withLock { $0 = fresh }
        }
        throw Failure(
            .busy, retryable: true, "the store '\(files.database)' changed again and again while it was read; try again"
        )
    }

    func close() throws { try opened.withLock { try $0.queue.close() } }

    private func isStill(_ known: Opened) throws(Failure) -> Bool {
        guard try FileStamp.of(files.database) == known.stamp else { return false }
        return try FileStamp.of(files.log) == nil
    }

    private static func open(_ files: StoreFiles) throws(Failure) -> Opened {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        // The stamp first: what changes after it is noticed.
        let stamp = try FileStamp.of(files.database)
        let hasLog = try FileStamp.of(files.log) != nil
        do {
            let path = hasLog ? files.database : immutableURI(files.database)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try Schema.check($0, path: files.database, isOlderFine: false) }
            return Opened(queue: queue, stamp: stamp, hasLog: hasLog)
        } catch {
            throw .store(error, files.database)
        }
    }

    private static func immutableURI(_ path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let plain = CharacterSet(charactersIn: "/-._~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return "file://" + (absolute.addingPercentEncoding(withAllowedCharacters: plain) ?? absolute) + "?immutable=1"
    }
}
