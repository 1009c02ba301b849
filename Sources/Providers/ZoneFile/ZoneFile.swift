import DNS
import Files
import Foundation
import Planning
import Ports

/// One master file on disk, fit to be changed by us.
struct ZoneFile {
    let path: String
    let zone: DomainName
    let contents: MasterFile
    /// The SOA's serial.
    let serial: UInt32
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
        let soa = contents.entries.first { $0.record.data.type == .soa && $0.record.name == zone }
        guard case .soa(let data)? = soa?.record.data else {
            throw Failure(.malformed, "the zone file '\(path)' has no SOA record of \(zone)")
        }
        serial = data.serial
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

    /// Whether the file may be changed, and still is what the plan saw. `true` where it already is what shall be: a change of
    /// ours that a crash or a failed reload cut off is finished, not taken for somebody else's.
    func isDone(_ change: RecordChange) throws(Failure) -> Bool {
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
        let standing = here.filter { looked.contains($0.key.type) }
        if standing == Set(change.writing) { return true }
        guard standing == Set(change.expecting) else {
            throw Failure(
                .conflict,
                "what stands at \(change.owner) is no longer what the plan saw: someone changed '\(path)' meanwhile; plan again"
            )
        }
        return false
    }

    /// Replaces the file at once and for good, with the old one's mode and owner.
    static func replace(_ path: String, by octets: [UInt8]) throws(Failure) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure(.missing, "the zone file '\(path)' is gone") }
        do throws(FileError) {
            try DurableFile.write(
                octets, to: path, mode: status.st_mode & 0o777, owner: (status.st_uid, status.st_gid))
        } catch {
            throw Failure(.storage, "the zone file '\(path)' can't be written: \(error)")
        }
    }
}
