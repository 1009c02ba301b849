import DNS
import Logging
import Planning
import Ports
import Reconciler
import ServiceLifecycle
import Storage

/// Remembers the mail hosts of all zones whose policies follow them, as long as the process lives: an apply once a week would know nothing of the
/// days between.
final class MailHistoryService: Service {
    private let historian: MailHistorian
    private let log: MailHistoryLog

    /// Looks as `wiring` can, and tells `logger` what could not be written.
    init(_ wiring: Wiring, _ store: any StateStore, logger: Logger) {
        let log = MailHistoryLog(logger)
        self.log = log
        historian = wiring.mailHistorian(store) { log.failed($1, of: $0) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [historian, log] in
            while !Task.isCancelled {
                do throws(Failure) { try await historian.pass() } catch {
                    log.failed(error, of: nil)
                    // A store that is away tells nobody when it is back; told to stop, the sleep ends at once.
                    try? await Task.sleep(for: .seconds(60))
                }
            }
        }
    }
}

/// One line a minute for a failure that repeats, whichever zones it hits.
private final class MailHistoryLog: Sendable {
    private let failures = FailureCounts()
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func failed(_ failure: Failure, of zone: DomainName?) {
        guard let times = failures.told(failure.detail, of: zone, at: .now) else { return }
        logger.warning(
            "mail hosts are not remembered",
            metadata: [
                "zone": "\(zone.map { "\($0)" } ?? "all")", "times": "\(times)", "reason": "\(failure.detail)",
            ])
    }
}
