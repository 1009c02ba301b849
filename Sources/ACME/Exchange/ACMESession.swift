package import AsyncHTTPClient
package import Foundation
import NIOHTTP1
import Synchronization

/// A conversation with one CA: its directory, its nonces, and signed requests under an account.
package final class ACMESession: Sendable {
    private struct State {
        /// The question for the directory, under way or answered: all who need the answer wait for the same.
        var asking: Task<Result<Directory, ACMEError>, Never>?
        var nonces: [String] = []
    }
    private let state = Mutex(State())
    private let transport: any ACMEExchange
    private let directoryURL: String
    private let now: @Sendable () -> Date

    /// Nonces kept; they go stale, so a large pool is of no use.
    private static let poolLimit = 64
    /// Tries with a fresh nonce each (RFC 8555 §6.5): enough for a CA that refuses every other one for sport.
    private static let nonceTries = 24

    /// A session with the CA whose directory is at `directory`. `http` decides whom to trust.
    package convenience init(directory: String, http: HTTPClient, now: @escaping @Sendable () -> Date) {
        self.init(directory: directory, through: ACMETransport(http: http), now: now)
    }

    init(directory: String, through transport: any ACMEExchange, now: @escaping @Sendable () -> Date) {
        directoryURL = directory
        self.transport = transport
        self.now = now
    }

    /// The CA's directory, asked once a session, also by many at once: who is cancelled takes the answer from no other. A failure
    /// is not kept.
    package func directory() async throws(ACMEError) -> Directory {
        let asking: Task<Result<Directory, ACMEError>, Never> = state.withLock { state in
            if let asking = state.asking { return asking }
            let asking = Task { await self.ask() }
            state.asking = asking
            return asking
        }
        return try await asking.value.get()
    }

    private func ask() async -> Result<Directory, ACMEError> {
        let result: Result<Directory, ACMEError>
        do throws(ACMEError) {
            result = .success(try read(directory: try await transport.send(.get, directoryURL, accept: nil)))
        } catch {
            result = .failure(error)
        }
        if case .failure = result { state.withLock { $0.asking = nil } }
        return result
    }

    /// A CA in trouble is told from an address that is no CA's.
    private func read(directory answer: ACMEAnswer) throws(ACMEError) -> Directory {
        let url = answer.url
        switch answer.status {
        case 200:
            do throws(ACMEError) { return try answer.decode(Directory.self) } catch {
                guard case .malformed(_, let words) = error else { throw error }
                throw .noDirectory(url: url, words)
            }
        case 300..<400:
            let target = answer.location.map { " to \(Problem.plain($0))" } ?? ""
            throw .noDirectory(url: url, "it redirects\(target), which is not followed")
        case 400..<500 where answer.status != 408 && answer.status != 429:
            if case .refused(let problem, _, _) = refusal(answer) { throw .noDirectory(url: url, "\(problem)") }
            throw .noDirectory(url: url, "the answer is status \(answer.status)")
        default: throw refusal(answer)
        }
    }

    /// An unsigned GET, which RFC 8555 allows for the directory and RFC 9773 for renewal information alone.
    func get(_ url: String) async throws(ACMEError) -> ACMEAnswer {
        let answer = try await transport.send(.get, url, accept: nil)
        guard answer.status == 200 else { throw refusal(answer) }
        return answer
    }

    /// A signed POST; without payload a POST-as-GET. `badNonce` is answered with the nonce of that very answer.
    func post(
        _ url: String, _ payload: (any Encodable & Sendable)?, by key: any RequestKey, as signer: SignedRequest.Signer,
        accept: String? = nil
    ) async throws(ACMEError) -> ACMEAnswer {
        var nonce = try await takeNonce()
        for attempt in 1... {
            let body: Data
            do { body = try SignedRequest(payload, to: url, nonce: nonce, by: key, as: signer).body } catch {
                throw .unmakeable("\(error)")
            }
            let answer = try await transport.send(.post(body), url, accept: accept)
            if (200..<300).contains(answer.status) {
                keep(answer.nonce)
                return answer
            }
            let error = refusal(answer)
            guard case .refused(let problem, _, _) = error, problem.kind == .badNonce, attempt < Self.nonceTries,
                let fresh = answer.nonce
            else {
                keep(answer.nonce)
                throw error
            }
            nonce = fresh
        }
        throw .unmakeable("no try was left")
    }

    /// Seconds that an answer asks to wait.
    func retryAfter(_ answer: ACMEAnswer) -> Int? { answer.retryAfter(now: now()) }

    private func takeNonce() async throws(ACMEError) -> String {
        if let nonce = state.withLock({ $0.nonces.popLast() }) { return nonce }
        let url = try await directory().newNonce
        let answer = try await transport.send(.head, url, accept: nil)
        guard (200..<300).contains(answer.status) else { throw refusal(answer) }
        guard let nonce = answer.nonce else { throw .malformed(url: url, "there is no Replay-Nonce in it") }
        return nonce
    }

    private func keep(_ nonce: String?) {
        guard let nonce else { return }
        state.withLock { state in if state.nonces.count < Self.poolLimit { state.nonces.append(nonce) } }
    }

    /// What an answer that is no success says.
    private func refusal(_ answer: ACMEAnswer) -> ACMEError {
        let seconds = retryAfter(answer)
        let type = answer.headers.first(name: "Content-Type") ?? ""
        guard type.hasPrefix("application/problem+json"), var problem = try? answer.decode(Problem.self) else {
            return .unexpected(status: answer.status, url: answer.url, retryAfter: seconds)
        }
        problem.status = answer.status
        return .refused(problem, url: answer.url, retryAfter: seconds)
    }
}
