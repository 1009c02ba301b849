import DNS
import Planning
import Ports
import Synchronization

/// Asks the CA of a zone's certificate when it shall be renewed, and writes down what was drawn (RFC 9773).
///
/// Never fails the zone: a CA that can't be asked leaves the moment as it was, and what can't be written is asked again.
struct RenewalQuestion {
    let zone: DomainName
    let store: any LedgerStore
    let lease: HeldLease
    let run: ApplyRun
    let note: AuditNote

    /// Asks where it is time to; `ports` are fetched only then.
    func ask(_ ports: () async throws(Failure) -> ZoneWriters) async {
        do throws(Failure) {
            let ledger = try await store.ledger(of: zone)
            let now = try await store.now()
            guard ledger.keepsCertificate, let known = ledger.applied.certificate,
                RenewalDrawing.isQuestion(about: known, known: ledger.issuance.renewal, now: now)
            else { return }
            let writers = try await ports()
            let host = CertificateOwner(key: zone).host
            // About what is held, by the one who issued it: another CA knows nothing of it.
            guard let held = try await writers.keys.certificate(for: host), held == known,
                held.issuer == writers.issuer.name, let chain = try await writers.keys.chain(for: host)
            else { return }
            let answer = await answer(of: writers.issuer, on: chain, now: now)
            let moment = RenewalDrawing.moment(
                of: held, known: ledger.issuance.renewal, answer: answer, fraction: run.jitter(), now: now)
            try await lease.record(.issuance(.renewalDrawn(moment)), note)
        } catch {}
    }

    private func answer(of issuer: any CertificateIssuer, on chain: String, now: Instant) async -> RenewalAnswer {
        if let silence = run.silence.answer(at: now) { return silence }
        do throws(Failure) {
            return try await issuer.advice(on: chain).map { .advice($0) } ?? .none
        } catch {
            let passing = error.retryable || error.kind == .limited
            let answer = RenewalAnswer.failed(retryAfter: error.retryAfter, passing: passing)
            if passing { run.silence.begin(answer, until: now + (error.retryAfter ?? SilentCA.pause)) }
            return answer
        }
    }
}

/// Remembers that a CA just now did not answer, so that ten thousand zones do not find it out one by one.
package final class SilentCA: Sendable {
    /// Seconds for which nobody asks again.
    static let pause = 60
    private let state = Mutex<(answer: RenewalAnswer, until: Instant)?>(nil)

    /// The CA was not asked yet.
    package init() {}

    func begin(_ answer: RenewalAnswer, until: Instant) { state.withLock { $0 = (answer, until) } }

    func answer(at now: Instant) -> RenewalAnswer? {
        state.withLock { state in state.flatMap { now < $0.until ? $0.answer : nil } }
    }
}
