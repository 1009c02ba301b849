import DNS
import Logging
import Planning
import Synchronization

/// What is said of renewals: one line for each certificate, one a minute for a failure that repeats, whichever zones it hits.
final class RenewalLog: Sendable {
    private struct Failing {
        var times = 0
        var last: ContinuousClock.Instant?
    }
    private let state = Mutex<[String: Failing]>([:])
    private let logger: Logger

    /// Different failures kept apart; beyond that they are told anew.
    private static let limit = 1_000

    init(_ logger: Logger) { self.logger = logger }

    func hear(_ event: ApplyEvent) {
        switch event {
        case .done(let zone, let step) where step.resource == .certificate:
            logger.info("certificate renewed", metadata: ["zone": "\(zone)"])
        case .done(let zone, let step):
            logger.info("renewal step done", metadata: ["zone": "\(zone)", "step": "\(step.resource.words)"])
        case .ended(let outcome):
            switch outcome.kind {
            case .failed, .held, .blocked, .skipped:
                if !outcome.isBusy { record(outcome.detail, of: outcome.zone) }
            case .applied, .nothingToDo, .notStarted: break
            }
        case .began, .step, .retrying: break
        }
    }

    /// A failure of one zone, or of all.
    func record(_ reason: String, of zone: DomainName?) {
        let now = ContinuousClock.now
        // The same words about another zone are the same failure.
        let key = zone.map { reason.replacing($0.description, with: "*") } ?? reason
        let times = state.withLock { state -> Int? in
            if state.count >= Self.limit, state[key] == nil { state = [:] }
            var failing = state[key] ?? Failing()
            failing.times += 1
            defer { state[key] = failing }
            if let last = failing.last, now - last < .seconds(60) { return nil }
            let times = failing.times
            failing = Failing(times: 0, last: now)
            return times
        }
        guard let times else { return }
        logger.error(
            "renewal failed",
            metadata: ["zone": "\(zone?.description ?? "all")", "times": "\(times)", "reason": "\(reason)"])
    }
}
