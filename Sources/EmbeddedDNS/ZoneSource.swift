import DNS
import Foundation
package import Logging
import Synchronization

/// The zones of a folder of master files, read again when a file changes. A file that breaks is told once, and its last good copy
/// is served on.
package final class ZoneSource: Sendable {
    private struct Loaded {
        var stamp: Stamp
        var zone: AnsweringZone?
    }
    private struct Stamp: Equatable {
        var size: Int
        var modified: Date
        var inode: UInt64
    }
    private let folder: String
    private let logger: Logger
    private let zones = Mutex<[DomainName: Loaded]>([:])

    /// The zones of `folder`.
    package init(folder: String, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    /// The zone of a file, or that there is one which was never readable.
    enum Found: Sendable {
        case zone(AnsweringZone)
        case broken
    }

    /// The zone that `name` lies in; `nil` when there is no file for any above it.
    func zone(for name: DomainName) -> Found? {
        var current: DomainName? = name
        while let zone = current, zone != .root {
            if let found = load(zone) { return found }
            current = zone.parent
        }
        return nil
    }

    private func load(_ zone: DomainName) -> Found? {
        let path = "\(folder)/\(zone.lowercased).zone"
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
        else { return nil }
        let stamp = Stamp(size: size, modified: modified, inode: attributes[.systemFileNumber] as? UInt64 ?? 0)
        let known = zones.withLock { $0[zone] }
        if let known, known.stamp == stamp { return known.zone.map { .zone($0) } ?? .broken }
        var fresh = known?.zone
        do throws(MasterFileError) {
            let octets = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
            fresh = try Self.answering(zone, MasterFile(parsing: octets, origin: zone))
        } catch {
            logger.error(
                "a zone file can't be read; its last good copy is served, SERVFAIL where there is none",
                metadata: ["file": "\(path)", "reason": "\(error)"])
        }
        let served = fresh
        zones.withLock { $0[zone] = Loaded(stamp: stamp, zone: served) }
        return served.map { .zone($0) } ?? .broken
    }

    private static func answering(_ zone: DomainName, _ file: MasterFile) throws(MasterFileError) -> AnsweringZone {
        if let line = file.includes.first {
            // Half a zone would deny the other half.
            throw MasterFileError(line: line, "an $INCLUDE, which this server does not follow: write its records here")
        }
        guard let served = AnsweringZone(name: zone, file: file) else {
            throw MasterFileError(line: 1, "the file has no SOA record of \(zone)")
        }
        return served
    }
}
