package import DNS
import Foundation
package import Planning
package import Ports

/// A folder of master files, one a DNS zone, each named `<zone>.zone`: the embedded default, and for name servers that read files.
///
/// Only owned record sets change; every other byte stays. It stores what it is given, so its normal form is the identity.
package struct ZoneFileProvider: DNSWriter {
    private let folder: String
    private let reload: [String]
    private let settles: Bool
    private let queue: WriterQueue

    /// A provider over `folder`; `reload` is run, without a shell, after each change. Many changes at once may share a run.
    ///
    /// With `settles` a look at a name whose reload is owed makes up for it first: for those who may write. Without, a look
    /// changes no byte and runs nothing. Whoever writes in one process gives one `queue` to all providers.
    package init(
        folder: String, reload: [String] = [], settles: Bool = false, queue: WriterQueue = WriterQueue()
    ) {
        self.queue = queue
        self.folder = folder
        self.reload = reload
        self.settles = settles
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        var files: [DomainName: Result<ZoneFile, Failure>] = [:]
        var found: [RecordKey: Observation<RecordSet>] = [:]
        for key in keys {
            do throws(Failure) {
                let zone = try zone(of: key.name)
                let file = files[zone] ?? Self.load(folder: folder, zone: zone)
                files[zone] = file
                let seen = try file.get().observation(of: key)
                found[key] =
                    try await queue.debt(
                        at: Self.path(folder: folder, zone: zone), of: key.name, reload: reload, settles: settles
                    ).map { .unknown($0) } ?? seen
            } catch {
                found[key] = .unknown(Unknown(error.detail, passing: error.retryable))
            }
        }
        return found
    }

    /// The closest zone above `name` that has a file.
    private func zone(of name: DomainName) throws(Failure) -> DomainName {
        var current: DomainName? = name
        while let zone = current, zone != .root {
            if FileManager.default.fileExists(atPath: Self.path(folder: folder, zone: zone)) { return zone }
            current = zone.parent
        }
        throw Failure(.missing, "no file in '\(folder)' is named after a zone above \(name) (<zone>.zone)")
    }

    static func path(folder: String, zone: DomainName) -> String { "\(folder)/\(zone.lowercased).zone" }

    private static func load(folder: String, zone: DomainName) -> Result<ZoneFile, Failure> {
        do throws(Failure) { return .success(try ZoneFile(path: path(folder: folder, zone: zone), zone: zone)) } catch {
            return .failure(error)
        }
    }

    package func describe(_ change: RecordChange) async -> [String] {
        let file: String
        do throws(Failure) { file = "file \(Self.path(folder: folder, zone: try zone(of: change.owner)))" } catch {
            file = "file: could not be found (\(error.detail))"
        }
        return [file] + change.expecting.flatMap(\.lines).map { "- \($0)" }
            + change.writing.flatMap(\.lines).map { "+ \($0)" }
            + (reload.isEmpty ? [] : ["run \(reload.joined(separator: " "))"])
    }

    package func write(_ change: RecordChange) async throws(Failure) {
        let zone = try zone(of: change.owner)
        let path = Self.path(folder: folder, zone: zone)
        try await queue.alone(at: path) { () throws(Failure) in try put(change, into: path, zone: zone) }
        try await queue.settle(path, by: reload)
    }

    /// The file's part of a change, under its lock.
    private func put(_ change: RecordChange, into path: String, zone: DomainName) throws(Failure) {
        let file = try ZoneFile(path: path, zone: zone)
        let isDone = try file.isDone(change)
        if !reload.isEmpty {
            try OwedReload(file: path).add(change.owner, serial: isDone ? file.serial : file.serial &+ 1)
        }
        if isDone { return }
        let keys = Set((change.expecting + change.writing).map(\.key))
        let edited: [UInt8]
        do throws(MasterFileError) { edited = try file.contents.replacing(keys, with: change.writing) } catch {
            throw Failure(.malformed, "'\(path)': \(error)")
        }
        try ZoneFile.replace(path, by: edited)
        let after = try ZoneFile(path: path, zone: zone)
        guard change.writing.allSatisfy({ after.whole.sets[$0.key] == $0 }) else {
            throw Failure(.storage, "'\(path)' was written, but does not read back as it should; look at the disk")
        }
    }
}
