import Planning
import Synchronization

/// How far one fetch came, and what it saw on its way; kept beside the connection, since errors know neither.
final class FetchRecord: Sendable {
    /// What the fetch waits for.
    enum Phase: Hashable, Sendable {
        case connection, handshake, answer
    }

    private struct State {
        var phase = Phase.connection
        var refusal: String?
        var facts: CertificateFacts?
        var ranOut = false
        var error: (any Error)?
    }
    private let state = Mutex(State())

    /// What it waits for now.
    var phase: Phase { state.withLock(\.phase) }
    /// Why the certificate was not accepted.
    var refusal: String? { state.withLock(\.refusal) }
    /// The peer's certificate, accepted or not.
    var facts: CertificateFacts? { state.withLock(\.facts) }
    /// The first error on the connection, if any.
    var error: (any Error)? { state.withLock(\.error) }
    /// Whether the deadline ended it.
    var hasRunOut: Bool { state.withLock(\.ranOut) }

    /// The TCP connection stands.
    func connected() { state.withLock { $0.phase = .handshake } }

    /// The certificate was accepted.
    func accepted(_ facts: CertificateFacts?) {
        state.withLock { state in
            state.phase = .answer
            state.facts = facts
        }
    }

    /// The certificate was not accepted.
    func refused(_ words: String, _ facts: CertificateFacts?) {
        state.withLock { state in
            state.refusal = words
            state.facts = facts
        }
    }

    /// The connection failed; what follows from it is not noted.
    func failed(_ error: any Error) { state.withLock { $0.error = $0.error ?? error } }

    /// The deadline is over.
    func ranOut() { state.withLock { $0.ranOut = true } }
}
