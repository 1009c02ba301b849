import NIOCore
import Ports
import Synchronization

/// The line to one server: how many questions may be in flight there, and whether it was heard of late.
///
/// A line for each server, so that one that is silent holds up nobody who asks another.
final class ServerLine: Sendable {
    private let gate: Gate
    private let isSilent = Atomic<Bool>(false)
    private let isUnsendable = Atomic<Bool>(false)
    private let answers = Atomic<Int>(0)

    init(inFlight: Int) { gate = Gate(limit: inFlight) }

    func enter() async { await gate.enter() }
    func leave() { gate.leave() }

    /// How many answers came so far: a mark to hand to ``fellSilent(since:)``.
    var mark: Int { answers.load(ordering: .relaxed) }

    func heard() {
        answers.add(1, ordering: .relaxed)
        isSilent.store(false, ordering: .relaxed)
        isUnsendable.store(false, ordering: .relaxed)
    }

    /// A question did not leave this machine, which closes its socket with everybody's questions on it.
    func couldNotSend() { isUnsendable.store(true, ordering: .relaxed) }

    /// Whether questions go out on sockets of this server's own, so that they disturb no other server's.
    var isApart: Bool { isUnsendable.load(ordering: .relaxed) }

    /// A question waited in vain. If nobody else's was answered meanwhile, the next ones are tried once only.
    func fellSilent(since mark: Int) {
        if mark == self.mark { isSilent.store(true, ordering: .relaxed) }
    }

    /// The waits worth spending on this server.
    func tries(of all: [TimeAmount]) -> [TimeAmount] {
        isSilent.load(ordering: .relaxed) ? Array(all.prefix(1)) : all
    }
}
