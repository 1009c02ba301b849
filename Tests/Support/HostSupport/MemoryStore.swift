package import DNS
package import Planning
package import Ports
import Synchronization

/// Policies and certificates in memory, which can be changed, broken and held up.
package final class MemoryStore: MaterialReader, PolicyReader, ChangeReader {
    private struct State {
        var bodies: [DomainName: PublishedBody] = [:]
        var materials: [DomainName: CertificateMaterial] = [:]
        var failure: Failure?
        var reads = 0
        var certificateReads = 0
        var own = 0
        var all = 0
        var isElsewhere = false

        mutating func noteChange() { if isElsewhere { all += 1 } else { own += 1 } }
    }
    private let state = Mutex(State())
    /// Awaited by each reading of a policy; told first that one has begun.
    package let turnstile = Turnstile()

    /// How often a policy was read.
    package var reads: Int { state.withLock(\.reads) }

    /// How often a certificate, or what is known of one, was read.
    package var certificateReads: Int { state.withLock(\.certificateReads) }
    /// From now on, what is stored counts as stored by another process.
    package func becomeAnother() { state.withLock { $0.isElsewhere = true } }

    package var own: Int { state.withLock(\.own) }

    package func all() async throws(Failure) -> Int {
        let (all, failure) = state.withLock { ($0.all, $0.failure) }
        if let failure { throw failure }
        return all
    }

    /// Makes `body` the policy of `zone`.
    package func put(_ body: PublishedBody, for zone: DomainName) {
        state.withLock { state in
            state.bodies[zone] = body
            state.noteChange()
        }
    }
    /// From now on every reading throws, or none.
    package func fail(_ failure: Failure?) { state.withLock { $0.failure = failure } }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        await turnstile.pass()
        let (body, failure) = state.withLock { state in
            state.reads += 1
            return (state.bodies[zone], state.failure)
        }
        if let failure { throw failure }
        return body
    }

    package func material(for host: DomainName) async throws(Failure) -> CertificateMaterial? {
        let (material, failure) = state.withLock { state in
            state.certificateReads += 1
            return (state.materials[host], state.failure)
        }
        if let failure { throw failure }
        return material
    }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await material(for: host)?.facts
    }

    /// Gives `host` a certificate.
    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        state.withLock { state in
            state.materials[host] = material
            state.noteChange()
        }
    }
}

/// Open until shut; those who come while it is shut wait until it is opened.
package final class Turnstile: Sendable {
    private struct State {
        var isShut = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    /// From now on everybody waits.
    package func shut() { state.withLock { $0.isShut = true } }

    /// Lets all through.
    package func open() {
        let waiting = state.withLock { state in
            state.isShut = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Goes through, at once or later.
    package func pass() async {
        await withCheckedContinuation { continuation in
            let (mayPass, watchers) = state.withLock { state in
                guard state.isShut else { return (true, [CheckedContinuation<Void, Never>]()) }
                state.waiting.append(continuation)
                defer { state.watchers = [] }
                return (false, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            if mayPass { continuation.resume() }
        }
    }

    /// Returns once somebody waits.
    package func somebodyWaits() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.waiting.isEmpty { state.watchers.append(continuation) }
                return !state.waiting.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }
}
