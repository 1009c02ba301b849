import DNS
import DNSClient
import Planning
import Ports

/// What a server's whole zone says, read by AXFR: one transfer for all questions of a run.
struct TransferReader: DNSReader {
    let transfers: Transfers
    let cuts: ZoneCuts

    func normalForm(of set: RecordSet) -> RecordSet { set }

    func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        var found: [RecordKey: Observation<RecordSet>] = [:]
        // One look sees one state of a zone, also where it is forgotten meanwhile.
        var zones: [DomainName: Result<ZoneContents, Failure>] = [:]
        for key in keys {
            do throws(Failure) {
                let zone = try await cuts.zone(of: key.name)
                let contents = if let known = zones[zone] { known } else { await transfers.contents(of: zone) }
                zones[zone] = contents
                found[key] = try contents.get().observation(of: key)
            } catch {
                found[key] = .unknown(Unknown(error.detail, passing: error.retryable))
            }
        }
        return found
    }
}
