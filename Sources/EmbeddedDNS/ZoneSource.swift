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

    /// The zone that `name` lies in; `nil` when there is no file for any above it.
    func zone(for name: DomainName) -> AnsweringZone? {
        var current: DomainName? = name
        while let zone = current, zone != .root {
            if let found = load(zone) { return found }
            current = zone.parent
        }
        return nil
    }

    private func load(_ zone: DomainName) -> AnsweringZone? {
        let path = "\(folder)/\(zone.lowercased).zone"
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
        else { return nil }
        let stamp = Stamp(size: size, modified: modified, inode: attributes[.systemFileNumber] as? UInt64 ?? 0)
        let known = zones.withLock { $0[zone] }
        if let known, known.stamp == stamp { return known.zone }
        var fresh = known?.zone
        do throws(MasterFileError) {
            let octets = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
            fresh = try AnsweringZone(name: zone, file: MasterFile(parsing: octets, origin: zone)) ?? fresh
        } catch {
            logger.error(
                "a zone file can't be read; its last good copy is served",
                metadata: ["file": "\(path)", "reason": "\(error)"])
        }
        let served = fresh
        zones.withLock { $0[zone] = Loaded(stamp: stamp, zone: served) }
        return served
    }
}
