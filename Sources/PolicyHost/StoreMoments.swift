import Ports
import Synchronization

/// Which state of the store is known to be the present one: what was read in it may be served without reading it again.
///
/// What this process stores begins a new moment at once. What others store does when the store is asked, which the first in
/// need of it does once the last answer is `interval` old: nobody asks while nobody wants anything.
final class StoreMoments: Sendable {
    /// One state of the store; an equal one means that nothing was stored in between.
    struct Moment: Equatable {
        fileprivate let own: Int
        fileprivate let all: Int
    }
    private struct Answer {
        let all: Int
        let asked: ContinuousClock.Instant
    }
    private let changes: any ChangeReader
    private let interval: Duration
    private let last = Mutex<Answer?>(nil)

    init(changes: any ChangeReader, interval: Duration) {
        self.changes = changes
        self.interval = interval
    }

    /// The present moment; `nil` when it is time to ask.
    func current() -> Moment? {
        // Its own changes first: what is stored after that makes the next moment another one.
        let own = changes.own
        guard let answer = last.withLock(\.self), ContinuousClock.now - answer.asked < interval else { return nil }
        return Moment(own: own, all: answer.all)
    }

    /// The present moment, by asking the store if need be.
    func ask() async throws(Failure) -> Moment {
        if let moment = current() { return moment }
        let asked = ContinuousClock.now
        let own = changes.own
        let all = try await changes.all()
        last.withLock { last in
            // Several may ask at once; the latest question counts.
            if let known = last, known.asked > asked { return }
            last = Answer(all: all, asked: asked)
        }
        return Moment(own: own, all: all)
    }
}
