import DNS
import Foundation
import Planning
import Ports

/// One master file on disk, fit to be changed by us.
struct ZoneFile {
    let path: String
    let zone: DomainName
    let contents: MasterFile
    /// What the file says, whichever way it says it.
    let whole: ZoneContents

    /// Reads the file; refuses what must not be changed behind its keeper's back.
    init(path: String, zone: DomainName) throws(Failure) {
        self.path = path
        self.zone = zone
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw Failure(.missing, "the zone file '\(path)' can't be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.rejected, "the zone file '\(path)' is no regular file; put the file itself there")
        }
        guard status.st_size <= 64 << 20, let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.missing, "the zone file '\(path)' can't be read, or has more than 64 MiB")
        }
        do throws(MasterFileError) { contents = try MasterFile(parsing: Array(data), origin: zone) } catch {
            throw Failure(.malformed, "the zone file '\(path)' can't be read: \(error)")
        }
        guard contents.entries.contains(where: { $0.record.data.type == .soa && $0.record.name == zone }) else {
            throw Failure(.malformed, "the zone file '\(path)' has no SOA record of \(zone)")
        }
        whole = ZoneContents(zone: zone, records: contents.entries.map(\.record), place: "'\(path)'")
    }

    /// What stands at `key`, as far as the file can tell.
    func observation(of key: RecordKey) -> Observation<RecordSet> {
        let seen = whole.observation(of: key)
        guard seen.isAbsent, let include = contents.includes.first else { return seen }
        return .unknown(
            Unknown(
                "'\(path)' has an $INCLUDE in line \(include), where the record may stand; write it into the file",
                passing: false))
    }

    /// Whether the file may be changed, and still is what the plan saw.
    func check(_ change: RecordChange) throws(Failure) {
        let signing: Set<RecordType> = [.rrsig, .dnskey, .nsec, .nsec3]
        if contents.entries.contains(where: { signing.contains($0.record.data.type) }) {
            throw Failure(
                .rejected,
                "the zone file '\(path)' is signed, so a change by hand would break it; name the unsigned file")
        }
        if FileManager.default.fileExists(atPath: path + ".jnl") {
            throw Failure(
                .rejected,
                "a journal lies beside '\(path)': its server updates the zone itself; use a provider of type rfc2136")
        }
        if let include = contents.includes.first {
            throw Failure(
                .rejected,
                "'\(path)' has an $INCLUDE in line \(include), where \(change.owner) may stand; write it into the file")
        }
        if let child = whole.delegation(above: change.owner) {
            throw Failure(
                .rejected,
                "'\(path)' delegates \(child) to other servers, so nothing written at \(change.owner) would be seen; write it there"
            )
        }
        let here = Set(whole.sets.values.filter { $0.key.name == change.owner })
        let looked = Set(change.expecting.map(\.key.type) + change.absent + change.writing.map(\.key.type))
        guard here.filter({ looked.contains($0.key.type) }) == Set(change.expecting) else {
            throw Failure(
                .conflict,
                "what stands at \(change.owner) is no longer what the plan saw: someone changed '\(path)' meanwhile; plan again"
            )
        }
    }

    /// Replaces the file at once: temporary name, flushed, the old one's mode and owner, renamed.
    static func replace(_ path: String, by octets: [UInt8]) throws(Failure) {
        let temporary = path + ".new-\(ProcessInfo.processInfo.processIdentifier)"
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure(.missing, "the zone file '\(path)' is gone") }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 0o777)
        guard descriptor >= 0 else { throw Self.failure(path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(octets))
            fchmod(descriptor, status.st_mode & 0o777)
            _ = fchown(descriptor, status.st_uid, status.st_gid)
            try handle.synchronize()
            try handle.close()
        } catch {
            unlink(temporary)
            throw Failure(
                .storage, "the zone file '\(path)' can't be written: \(error.localizedDescription); the old one stays")
        }
        guard rename(temporary, path) == 0 else {
            let failure = Self.failure(path)
            unlink(temporary)
            throw failure
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(
            .storage, "the zone file '\(path)' can't be written: \(String(cString: strerror(errno))); the old one stays"
        )
    }
}
