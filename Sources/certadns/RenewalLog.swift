import DNS
import Logging
import Planning
import Reconciler

/// What is said of renewals: one line for each certificate, one a minute for a failure that repeats, whichever zones it hits.
final class RenewalLog: Sendable {
    private let failures = FailureCounts()
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func hear(_ event: ApplyEvent) {
        switch event {
        case .done(let zone, let step) where step.resource == .certificate:
            logger.info(
                step.verb == .issue ? "certificate issued" : "certificate renewed",
                metadata: ["zone": "\(CertificateOwner(key: zone))"])
        case .done(let zone, let step):
            logger.info(
                "renewal step done",
                metadata: ["zone": "\(CertificateOwner(key: zone))", "step": "\(step.resource.words)"])
        case .ended(let outcome):
            switch outcome.kind {
            case .failed, .held, .blocked, .skipped:
                if !outcome.isBusy { record(outcome.detail, of: outcome.zone) }
            case .applied, .nothingToDo, .notStarted: break
            }
        case .noted(let zone, let words):
            logger.warning("\(words)", metadata: ["zone": "\(CertificateOwner(key: zone))"])
        case .began, .step, .retrying: break
        }
    }

    /// A failure of one zone, or of all.
    func record(_ reason: String, of zone: DomainName?) {
        guard let times = failures.told(reason, of: zone, at: .now) else { return }
        logger.error(
            "renewal failed",
            metadata: [
                "zone": "\(zone.map { "\(CertificateOwner(key: $0))" } ?? "all")", "times": "\(times)",
                "reason": "\(reason)",
            ])
    }
}
