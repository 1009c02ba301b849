import DNS
import Planning
import Rendering
import Synchronization

/// What an apply has told so far. It ends in one summary, printed by whoever comes first: the run, or a second signal that finds
/// the run hanging.
final class ApplyReport: Sendable {
    private struct State {
        var zones: [DomainName] = []
        var done: [DomainName: Int] = [:]
        var inHand: [DomainName: Resource] = [:]
        var ended: [DomainName: ZoneOutcome] = [:]
        var progress = ProgressLine(total: 0)
        var isClosed = false
    }
    private let state = Mutex(State())
    private let format: DataFormat

    init(_ format: DataFormat) { self.format = format }

    /// These zones shall end in one outcome each.
    func begin(_ zones: [DomainName]) {
        state.withLock { state in
            state.zones = zones
            state.progress = ProgressLine(total: zones.count)
        }
    }

    /// Prints one event, unless the summary is out already.
    func hear(_ event: ApplyEvent) {
        state.withLock { state in
            guard !state.isClosed else { return }
            switch event {
            case .began: break
            case .step(let zone, let step): state.inHand[zone] = step.resource
            case .retrying, .noted: break
            case .done(let zone, _):
                state.inHand[zone] = nil
                state.done[zone, default: 0] += 1
            case .ended(let outcome): state.ended[outcome.zone] = outcome
            }
            let line =
                format == .json
                ? OutcomeJSON.event(event) : OutcomeText(Terminal.style).render(event).map { $0 + "\n" }
            state.progress.show(line, after: event)
        }
    }

    /// Prints the summary of a run that came to its end.
    func end(_ outcomes: [ZoneOutcome]) { state.withLock { close(&$0, outcomes) } }

    /// Prints what is known, where nothing did yet, and gives every zone its outcome.
    @discardableResult
    func stopAtOnce() -> [ZoneOutcome] {
        state.withLock { state in
            let outcomes = state.zones.map { zone -> ZoneOutcome in
                if let outcome = state.ended[zone] { return outcome }
                let done = state.done[zone] ?? 0
                guard let resource = state.inHand[zone] else {
                    let words = "the run was stopped before its \(done == 0 ? "first" : "next") step"
                    return ZoneOutcome(zone: zone, done == 0 ? .notStarted : .failed, words, stepsDone: done)
                }
                return ZoneOutcome(
                    zone: zone, .failed, "the run was stopped in the middle of it; the next run converges",
                    stepsDone: done, failedStep: resource)
            }
            close(&state, outcomes)
            return outcomes
        }
    }

    private func close(_ state: inout State, _ outcomes: [ZoneOutcome]) {
        guard !state.isClosed else { return }
        state.isClosed = true
        state.progress.end()
        Terminal.print(
            format == .json ? OutcomeJSON.summary(outcomes) : OutcomeText(Terminal.style).summary(outcomes) + "\n")
    }
}
