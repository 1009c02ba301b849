import DNS
import Findings
import Foundation
import NIOHTTP1
import Planning
import Ports
import Synchronization

@testable import ACME

/// A CA in memory that answers as a test says. Each order that it takes has an authorization with one challenge.
final class ScriptedCA: ACMEExchange {
    enum Kind: String { case directory, nonce, newOrder, order, authorization, challenge, finalize, certificate }

    struct Answer: Sendable {
        var status = 200
        var body: String
        var retryAfter: Int?

        static func order(_ status: String, retryAfter: Int? = nil) -> Answer {
            let certificate = status == "valid" ? #", "certificate": "https://ca/certificate/0""# : ""
            return Answer(
                body: #"""
                    {"status": "\#(status)", "identifiers": [{"type": "dns", "value": "mta-sts.example.com"}], "authorizations": \#
                    ["https://ca/authorization/0"], "finalize": "https://ca/finalize/0"\#(certificate)}
                    """#, retryAfter: retryAfter)
        }

        static func authorization(
            _ status: String, offering type: String = "dns-01", error: String? = nil, retryAfter: Int? = nil
        ) -> Answer {
            let problem = error.map { #", "error": {"detail": "\#($0)"}"# } ?? ""
            return Answer(
                body: #"""
                    {"identifier": {"type": "dns", "value": "mta-sts.example.com"}, "status": "\#(status)", "challenges": [{"type": \#
                    "\#(type)", "url": "https://ca/challenge/0", "status": "\#(status)", \#
                    "token": "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"\#(problem)}]}
                    """#, retryAfter: retryAfter)
        }

        static func problem(_ kind: String, status: Int, retryAfter: Int? = nil) -> Answer {
            Answer(
                status: status, body: #"{"type": "urn:ietf:params:acme:error:\#(kind)", "detail": "no"}"#,
                retryAfter: retryAfter)
        }
    }

    private struct State {
        var script: [Kind: [Answer]]
        var counts: [Kind: Int] = [:]
    }
    private let state: Mutex<State>

    /// Gives each kind of request its answers in turn, the last one for ever.
    init(_ script: [Kind: [Answer]]) { state = Mutex(State(script: script)) }

    func count(_ kind: Kind) -> Int { state.withLock { $0.counts[kind] ?? 0 } }

    func send(_ method: ACMETransport.Method, _ url: String, accept: String?) async throws(ACMEError) -> ACMEAnswer {
        let kind = Kind(rawValue: url.split(separator: "/").dropFirst(2).first.map(String.init) ?? "") ?? .directory
        let (answer, number) = state.withLock { state in
            state.counts[kind, default: 0] += 1
            let number = state.counts[kind] ?? 0
            let answers = state.script[kind] ?? []
            return (answers.isEmpty ? Self.usual(kind) : answers[min(number, answers.count) - 1], number)
        }
        // A loop that nothing ends would hang the tests.
        if number > 1_000 { throw .unreachable(url: url, "it was asked \(number) times") }
        var headers: HTTPHeaders = ["Replay-Nonce": "AAAA"]
        if answer.status >= 400 { headers.add(name: "Content-Type", value: "application/problem+json") }
        if kind == .newOrder { headers.add(name: "Location", value: "https://ca/order/\(number)") }
        if let seconds = answer.retryAfter { headers.add(name: "Retry-After", value: "\(seconds)") }
        return ACMEAnswer(url: url, status: answer.status, headers: headers, body: Data(answer.body.utf8))
    }

    private static func usual(_ kind: Kind) -> Answer {
        switch kind {
        case .directory:
            Answer(
                body: #"""
                    {"newNonce": "https://ca/nonce", "newAccount": "https://ca/account", "newOrder": "https://ca/newOrder", \#
                    "revokeCert": "https://ca/revoke"}
                    """#)
        case .newOrder, .order: .order("pending")
        case .authorization: .authorization("pending")
        case .finalize: .order("processing")
        case .nonce, .challenge, .certificate: Answer(body: "{}")
        }
    }
}

/// One zone that orders from a scripted CA: what its ledger would keep, and how long it waited.
final class OrderingZone: IssuanceJournal, ChallengeResponder {
    func heldKey() async throws(Failure) -> Redacted<String>? { nil }

    private struct State {
        var open: (order: OpenOrder, key: Redacted<String>)?
        var abandoned = 0
        var waited: [Int] = []
        var presented = 0
        var refusal: Failure?
        var withdrawal: Failure?
    }
    private let state = Mutex(State())
    private let account = ACMEAccount(key: AccountKey(), url: "https://ca/account/1")
    let kinds: [ChallengeProof.Kind] = [.dns01]

    /// Whether an order is open.
    var isOpen: Bool { state.withLock { $0.open != nil } }
    var abandoned: Int { state.withLock(\.abandoned) }
    /// Each wait in milliseconds.
    var waited: [Int] { state.withLock(\.waited) }
    /// How often a proof was published.
    var presented: Int { state.withLock(\.presented) }

    /// From now on no proof can be published, or none taken away.
    func refuse(publishing: Failure? = nil, withdrawing: Failure? = nil) {
        state.withLock {
            $0.refusal = publishing
            $0.withdrawal = withdrawing
        }
    }

    /// Tries to get a certificate; the failure, if there is one.
    func order(from ca: ScriptedCA, patience: Int = 180) async throws -> Failure? {
        let host = try DomainName("mta-sts.example.com")
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let run = OrderRun(
            session: ACMESession(directory: "https://ca/directory", through: ca, now: { now }), account: account,
            issuer: "ca", options: ACMEIssuer.Options(directory: "https://ca/directory", patience: patience),
            desk: IssuanceDesk(
                challenges: self, journal: self,
                pause: { milliseconds async throws(Failure) in
                    self.state.withLock { $0.waited.append(milliseconds) }
                    // A loop that no clock ends would hang the tests.
                    if self.waited.count > 1_000 { throw Failure(.cancelled, "the test waited long enough") }
                }),
            names: ["mta-sts.example.com"],
            request: CertificateRequest(names: [host], now: Instant(seconds: 1_800_000_000)))
        do throws(Failure) {
            _ = try await run.certificate()
            return nil
        } catch {
            return error
        }
    }

    func openOrder() async throws(Failure) -> (order: OpenOrder, key: Redacted<String>)? { state.withLock(\.open) }
    func beginning(_ request: CertificateRequest) async throws(Failure) {}
    func unplaced(_ failure: Failure, forAll: Bool) async throws(Failure) {}
    func unproven(_ name: DomainName) async throws(Failure) {}
    func began(_ order: OpenOrder, key: Redacted<String>) async throws(Failure) {
        state.withLock { $0.open = (order, key) }
    }
    func abandoned(_ order: OpenOrder) async throws(Failure) {
        state.withLock {
            $0.open = nil
            $0.abandoned += 1
        }
    }

    func present(_ proof: ChallengeProof) async throws(Failure) {
        if let failure = state.withLock(\.refusal) { throw failure }
        state.withLock { $0.presented += 1 }
    }
    func withdraw(_ proof: ChallengeProof) async throws(Failure) {
        if let failure = state.withLock(\.withdrawal) { throw failure }
    }
}
