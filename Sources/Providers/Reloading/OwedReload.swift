import DNS
import Files
import Foundation
import Ports

/// The note beside a zone file, or in a web server's folder, that says which names were changed since the server last read it for
/// sure: one line `owner serial` a change. It is written before the file and outlives crashes, so a reload that failed is never
/// forgotten.
///
/// Two changes of one name differ by their serial: a reload pays only for what was in the file when it began.
struct OwedReload {
    private let path: String

    init(file: String) { path = file + ".reload-owed" }

    /// One line a change that may not have been read. Where the note is there and can't be read, nothing is known.
    func changes() throws(Failure) -> Set<String> {
        guard let data = FileManager.default.contents(atPath: path) else {
            if access(path, F_OK) != 0, errno == ENOENT { return [] }
            throw Failure(.storage, "the note '\(path)' can't be read, so what the server has read is not known")
        }
        return Set(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
    }

    /// Whether a change of `owner` may not have been read.
    func holds(_ owner: DomainName) throws(Failure) -> Bool {
        try changes().contains { $0.hasPrefix(Self.word(owner) + " ") }
    }

    /// To be called under the file's lock, before the file is replaced.
    func add(_ owner: DomainName, serial: UInt32) throws(Failure) {
        try save(changes().union(["\(Self.word(owner)) \(serial)"]))
    }

    /// To be called under the file's lock, after a reload that began when `paid` were in the file.
    func remove(_ paid: Set<String>) throws(Failure) {
        let rest = try changes().subtracting(paid)
        guard rest.isEmpty else { return try save(rest) }
        do throws(FileError) { try DurableFile.remove(path) } catch {
            throw Failure(.storage, "the note '\(path)' can't be removed: \(error)")
        }
    }

    private func save(_ changes: Set<String>) throws(Failure) {
        let text = changes.sorted().map { $0 + "\n" }.joined()
        do throws(FileError) { try DurableFile.write(text.utf8, to: path, mode: 0o644) } catch {
            throw Failure(.storage, "the note '\(path)' can't be written: \(error)")
        }
    }

    private static func word(_ owner: DomainName) -> String { owner.lowercased.absolute }
}
