import DNS
import DNSClient
import Ports
import Synchronization

/// The zones that one server transferred in this run, each taken once however many mail domains lie in it.
///
/// A write makes what was taken of its zone stale: ``forget(_:)`` is told before and after. Only the last few zones are kept, since
/// mail domains of one zone are read one after the other, and a fleet's zones together may be large.
final class Transfers: Sendable {
    private typealias Taking = Task<Result<ZoneContents, Failure>, Never>
    private struct State {
        var zones: [DomainName: Taking] = [:]
        /// The kept zones, oldest first.
        var order: [DomainName] = []
    }
    private let asking: Asking
    private let kept: Int
    private let state = Mutex(State())

    init(_ asking: Asking, kept: Int = 64) {
        self.asking = asking
        self.kept = kept
    }

    /// The zone's contents, by a transfer that is under way, was made, or begins now. What failed is tried
    /// again by the next who asks, but for a refusal, which stands.
    func contents(of zone: DomainName) async -> Result<ZoneContents, Failure> {
        let taking = state.withLock { state in
            if let taking = state.zones[zone] { return taking }
            let taking = Task { await take(zone) }
            state.zones[zone] = taking
            state.order.append(zone)
            if state.order.count > kept { state.zones[state.order.removeFirst()] = nil }
            return taking
        }
        let result = await taking.value
        if case .failure(let failure) = result, failure.retryable || failure.kind != .rejected { forget(zone, taking) }
        return result
    }

    /// What was taken of `zone` counts no longer.
    func forget(_ zone: DomainName) { forget(zone, nil) }

    private func forget(_ zone: DomainName, _ taking: Taking?) {
        state.withLock { state in
            guard taking == nil || state.zones[zone] == taking else { return }
            state.zones[zone] = nil
            state.order.removeAll { $0 == zone }
        }
    }

    private func take(_ zone: DomainName) async -> Result<ZoneContents, Failure> {
        do throws(DNSClientError) {
            let records = try await asking.transfer(zone)
            return .success(ZoneContents(zone: zone, records: records, place: "the zone \(zone) at \(asking.server)"))
        } catch {
            return .failure(ClientFailure.transfer(error, zone: zone, server: asking.server))
        }
    }
}
