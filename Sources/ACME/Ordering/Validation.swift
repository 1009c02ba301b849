import DNS
import Planning
import Ports

/// The time from "look!" to the CA's verdict on one authorisation. The proof must stand until then: so an answer that is lost on the
/// way ends nothing here, since the CA may be looking already.
struct Validation {
    let session: ACMESession
    let account: ACMEAccount
    let desk: IssuanceDesk
    /// Seconds until a later run shall go on.
    let patience: Int

    /// Answers lost in a row that are borne.
    private static let losses = 3
    /// Milliseconds before the CA is asked again after an answer was lost.
    private static let pause = 500
    /// Milliseconds in which a CA that was told is thought to have looked.
    private static let grace = 8_000

    /// Tells the CA to look. Where its answer is lost it may be looking already, and a CA that is told twice may look twice, the
    /// second time when the proof is gone: so it is told again only when the authorisation at `url` stays as it was for a while.
    func begin(_ challenge: Challenge, of url: String) async throws(Failure) {
        for attempt in 1...Self.losses {
            do throws(ACMEError) { return try await session.begin(challenge, by: account) } catch {
                // Told before, it says so: the authorisation has what came of it.
                if attempt > 1, case .refused = error { return }
                guard error.failure.retryable, attempt < Self.losses else { throw error.failure }
            }
            var waited = 0
            while waited < Self.grace {
                try await desk.pause(Self.pause)
                waited += Self.pause
                let now = try await look(url).authorization
                let isUntold = now.challenges.contains { $0.url == challenge.url && $0.status == "pending" }
                guard now.status == .pending, isUntold else { return }
            }
        }
    }

    /// Waits for the verdict.
    func follow(_ url: String, _ name: String) async throws(Failure) {
        var waited = 0
        while true {
            let (authorization, asked) = try await look(url)
            switch authorization.status {
            case .valid: return
            case .pending:
                waited += try await Poll(what: "look at \(name)", patience: patience)
                    .pause(at: desk, after: waited, asked: asked)
            case .invalid, .deactivated, .expired, .revoked:
                let problem = authorization.challenges.lazy.compactMap(\.error).first
                if let host = try? DomainName(name) { try await desk.journal.unproven(host) }
                throw ACMEError.unproven(
                    name: name, problem ?? Problem(detail: "the authorization is \(authorization.status)")
                ).failure
            }
        }
    }

    private func look(_ url: String) async throws(Failure) -> (authorization: Authorization, retryAfter: Int?) {
        for attempt in 1... {
            do throws(ACMEError) { return try await session.authorization(at: url, by: account) } catch {
                guard error.failure.retryable, attempt <= Self.losses else { throw error.failure }
            }
            try await desk.pause(Self.pause)
        }
        throw ACMEError.unmakeable("no look was left").failure
    }
}
