import DNS
import DNSClient
import Planning
import Ports

/// What a server's whole zone says, read by AXFR: one transfer for all questions of a look.
struct TransferReader: DNSReader {
    let asking: Asking
    let cuts: ZoneCuts

    func normalForm(of set: RecordSet) -> RecordSet { set }

    func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        var zones: [DomainName: Result<ZoneContents, Failure>] = [:]
        var found: [RecordKey: Observation<RecordSet>] = [:]
        for key in keys {
            do throws(Failure) {
                let zone = try await cuts.zone(of: key.name)
                let contents = if let known = zones[zone] { known } else { await contents(of: zone) }
                zones[zone] = contents
                found[key] = try contents.get().observation(of: key)
            } catch {
                found[key] = .unknown(Unknown(error.detail, passing: error.retryable))
            }
        }
        return found
    }

    private func contents(of zone: DomainName) async -> Result<ZoneContents, Failure> {
        do throws(DNSClientError) {
            let records = try await asking.transfer(zone)
            return .success(ZoneContents(zone: zone, records: records, place: "the zone \(zone) at \(asking.server)"))
        } catch {
            return .failure(ClientFailure.transfer(error, zone: zone, server: asking.server))
        }
    }
}
