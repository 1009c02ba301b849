import Files
import Foundation
import Planning
import Ports
import Synchronization

/// A backup's first line.
struct ArchiveHead: Codable, Sendable {
    static let format = "certadns-state"
    static let version = 1

    var format = Self.format
    var version = Self.version
    var madeAt: Instant
    /// sealed, open or none: how private keys lie in it.
    var keys: String
}

/// A backup's last line: what was cut off has none.
private struct ArchiveEnd: Codable {
    struct Sum: Codable {
        let records: Int
        let digest: String
    }
    let end: Sum
}

/// Each line's digest goes into the next one's, so that the last one vouches for all.
private struct ArchiveSum {
    var records = 0
    var digest = ""

    mutating func add(_ line: Data) { digest = Digest.hex(Array(digest.utf8) + line) }
}

/// Writes a backup: JSON lines, readable by the owner alone, under its name only once it is whole.
final class ArchiveWriter: Sendable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private let sum = Mutex(ArchiveSum())

    init(_ path: String, head: ArchiveHead) throws {
        self.path = path
        temporary = "\(path).new-\(getpid())"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(temporary, errno) }
        try append(try Self.line(head))
    }

    func add(_ record: StateRecord) throws {
        let line = try Self.line(record)
        try append(line)
        sum.withLock { $0.records += 1 }
    }

    /// What was written is there for good, or nothing is. An existing file stays.
    func finish() throws -> Int {
        let total = sum.withLock { $0 }
        try append(try Self.line(ArchiveEnd(end: .init(records: total.records, digest: total.digest))))
        let isNew: Bool
        do throws(FileError) { isNew = try DurableFile.settle(descriptor, from: temporary, as: path) } catch {
            throw Self.unwritable(error.path, error.number)
        }
        guard isNew else { throw Refusal(message: "'\(path)' is there already", action: "name another file") }
        return total.records
    }

    /// Once, whatever became of it.
    func close() {
        _ = Foundation.close(descriptor)
        try? DurableFile.remove(temporary)
    }

    private func append(_ line: Data) throws {
        sum.withLock { $0.add(line) }
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Self.unwritable(temporary, errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + [0x0a]
    }

    private static func unwritable(_ path: String, _ number: Int32) -> Refusal {
        Refusal(
            message: "'\(path)' can't be written: \(String(cString: strerror(number)))",
            action: "name another file, in a folder that has room")
    }
}

/// Reads a backup line by line; what is no whole backup is told before anything is made of it.
final class ArchiveReader: Sendable {
    private struct State {
        var buffer = Data()
        var sum = ArchiveSum()
        var isEnded = false
    }
    let head: ArchiveHead
    private let path: String
    private let descriptor: Int32
    private let state: Mutex<State>

    /// No record of ours is longer, in bytes.
    private static let longest = 1 << 26

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Refusal(
                message: "'\(path)' can't be read: \(String(cString: strerror(errno)))", action: "name a backup")
        }
        var first = State()
        guard let line = try Self.line(&first, descriptor, path),
            let head = try? JSONDecoder().decode(ArchiveHead.self, from: line), head.format == ArchiveHead.format
        else { throw Self.broken(path, "it is no backup of ours") }
        guard head.version == ArchiveHead.version else {
            throw Self.broken(path, "it was made by another CertaDNS, in a form that is not known here")
        }
        first.sum.add(line)
        self.head = head
        state = Mutex(first)
    }

    func close() { _ = Foundation.close(descriptor) }

    /// The next record; `nil` after the last one.
    func next() throws -> StateRecord? {
        try state.withLock { state in
            if state.isEnded { return nil }
            guard let line = try Self.line(&state, descriptor, path) else {
                throw Self.broken(path, "it was cut off after \(state.sum.records) records")
            }
            if let end = try? JSONDecoder().decode(ArchiveEnd.self, from: line) {
                guard end.end.records == state.sum.records, end.end.digest == state.sum.digest,
                    try Self.line(&state, descriptor, path) == nil
                else { throw Self.broken(path, "its sum is wrong: it was changed, or damaged") }
                state.isEnded = true
                return nil
            }
            guard let record = try? JSONDecoder().decode(StateRecord.self, from: line) else {
                throw Self.broken(path, "record \(state.sum.records + 1) can't be read")
            }
            state.sum.add(line)
            state.sum.records += 1
            return record
        }
    }

    private static func line(_ state: inout State, _ descriptor: Int32, _ path: String) throws -> Data? {
        while true {
            if let end = state.buffer.firstIndex(of: 0x0a) {
                let line = Data(state.buffer[...end])
                state.buffer = Data(state.buffer[(end + 1)...])
                return line
            }
            guard state.buffer.count <= longest else { throw broken(path, "a line has no end") }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw broken(path, String(cString: strerror(errno)))
            }
            if count == 0 {
                guard state.buffer.isEmpty else { throw broken(path, "it was cut off") }
                return nil
            }
            state.buffer.append(contentsOf: chunk[..<count])
        }
    }

    private static func broken(_ path: String, _ why: String) -> Failure {
        Failure(.storage, "the backup '\(path)' can't be used: \(why); nothing was changed")
    }
}
