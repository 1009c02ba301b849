import AsyncHTTPClient
package import Findings
import Foundation
import NIOCore
import NIOHTTP1
package import Ports
import StateAPI

/// Where a remote store is, and how this run shows itself there.
package struct RemotePlace: Sendable {
    /// `https://host`, without a path.
    package let url: String
    /// What opens it.
    package let token: Redacted<String>
    /// Who asks, for its trail.
    package let owner: LeaseOwner

    /// A place.
    package init(url: String, token: Redacted<String>, owner: LeaseOwner) {
        self.url = url
        self.token = token
        self.owner = owner
    }
}

/// One request to `certadns serve` and its whole answer, bounded in time and size.
struct StateLink: Sendable {
    let place: RemotePlace
    let http: HTTPClient
    /// Seconds for one exchange: longer than ``StateVersion`` lets a certificate be waited for in one.
    var deadline: Int64 = 30
    var limit = StateVersion.answerOctets

    /// How often a request whose answer was lost is made again; its key makes that one effect.
    private static let tries = 3

    func ask(_ question: StateQuestion) async throws(Failure) -> StateReply {
        try await exchange(StateVersion.read, try StateJSON.encode(StateRequest(by: place.owner, question)), key: nil)
    }

    /// Under `key`, or one of its own.
    func tell(_ command: StateCommand, key: String? = nil) async throws(Failure) -> StateReply {
        let body = try StateJSON.encode(StateRequest(by: place.owner, command))
        return try await exchange(StateVersion.write, body, key: key ?? Self.newKey())
    }

    /// A key that nobody used before.
    static func newKey() -> String { UUID().uuidString }

    func exchange(_ path: String, _ body: [UInt8], key: String?) async throws(Failure) -> StateReply {
        guard body.count <= StateVersion.requestOctets else {
            throw Failure(
                .rejected,
                "a request to \(place.url) would have \(body.count) octets, and \(StateVersion.requestOctets) are taken; nothing was sent"
            )
        }
        var attempt = 1
        while true {
            let result: Result<StateReply, Failure>
            do throws(Lost) { result = try await once(path, body, key: key) } catch {
                // A server that is gone is told at once; one that took the request and was not heard of may have done it.
                guard error.isOpen, attempt < Self.tries, !Task.isCancelled else { throw error.failure }
                attempt += 1
                continue
            }
            return try result.get()
        }
    }

    /// No answer came.
    private struct Lost: Error {
        let failure: Failure
        /// The request may have been taken.
        let isOpen: Bool
    }

    private func once(_ path: String, _ body: [UInt8], key: String?) async throws(Lost) -> Result<StateReply, Failure> {
        var request = HTTPClientRequest(url: place.url + path)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(place.token.reveal())")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "certadns/1")
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        request.body = .bytes(body)
        do {
            let response = try await http.execute(request, timeout: .seconds(deadline))
            let octets = try await response.body.collect(upTo: limit)
            return read(Int(response.status.code), Array(octets.readableBytesView))
        } catch is NIOTooManyBytesError {
            return .failure(
                Failure(.malformed, "the answer of \(place.url) is longer than \(limit) octets, and is not used"))
        } catch is CancellationError {
            throw Lost(failure: Failure(.cancelled, "told to stop while \(place.url) was asked"), isOpen: false)
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            throw Lost(
                failure: Failure(
                    .timedOut, retryable: true,
                    "\(place.url) does not answer within \(deadline) seconds; what was asked may have been done. Look whether 'certadns serve' runs there"
                ), isOpen: true)
        } catch {
            throw unconnected("\(error)")
        }
    }

    private func read(_ status: Int, _ octets: [UInt8]) -> Result<StateReply, Failure> {
        guard let mark = StateJSON.decode(StateVersionMark.self, octets) else {
            if (500...599).contains(status) {
                return .failure(
                    Failure(
                        .unreachable, retryable: true,
                        "\(place.url) answers with status \(status) and no message; look at the log of 'certadns serve', or of what stands before it"
                    ))
            }
            return .failure(
                Failure(
                    .malformed,
                    "what answers at \(place.url) (status \(status)) is no 'certadns serve' that speaks the state API; check 'state: url'"
                ))
        }
        guard mark.api == StateVersion.current else {
            return .failure(
                Failure(
                    .malformed,
                    "\(place.url) speaks version \(mark.api) of the state API, and this certadns version \(StateVersion.current); \(StateVersion.advice(onServeOf: mark.api)), or use the certadns of its version"
                ))
        }
        guard let answer = StateJSON.decode(StateAnswer.self, octets) else {
            return .failure(
                Failure(
                    .malformed,
                    "\(place.url) answers (status \(status)) what this certadns does not know; use the certadns of its version"
                ))
        }
        if case .failed(let failure) = answer.reply { return .failure(failure) }
        guard status == 200 else {
            return .failure(Failure(.malformed, "\(place.url) answers with status \(status) and no reason"))
        }
        return .success(answer.reply)
    }

    /// The library's words name its own source files; those that a wrong configuration brings about are told in ours.
    private func unconnected(_ words: String) -> Lost {
        func lost(_ kind: Failure.Kind, _ words: String, isOpen: Bool = false) -> Lost {
            Lost(failure: Failure(kind, retryable: kind == .unreachable, "\(place.url): \(words)"), isOpen: isOpen)
        }
        if words.contains("CERTIFICATE_VERIFY_FAILED") {
            return lost(
                .unauthorized,
                "its certificate leads to no CA that is trusted for it; nothing was sent. If that is meant, name the PEM file of its root under 'state: trust'"
            )
        }
        if words.contains("failedToValidateHostname") || words.contains("unableToValidateCertificate") {
            return lost(
                .unauthorized, "its certificate is for another name; nothing was sent. Check 'state: url'")
        }
        if words.contains("TLSV1_ALERT") || words.contains("UNRECOGNIZED_NAME") {
            return lost(
                .unreachable,
                "it shows no certificate for that name; list the name under 'serve: names' there, and start 'certadns serve' again"
            )
        }
        if words.contains("WRONG_VERSION_NUMBER") || words.contains("HTTP_REQUEST") {
            return lost(.malformed, "what answers there speaks no TLS; check 'state: url'")
        }
        if words.contains("errno: \(ECONNREFUSED)") {
            return lost(.unreachable, "connection refused; start 'certadns serve' there, or check 'state: url'")
        }
        if words.contains("UnknownHost") {
            return lost(.unreachable, "its name has no address; check 'state: url', and the resolver")
        }
        return lost(
            .unreachable, "the connection broke (\(words)); look whether 'certadns serve' runs there", isOpen: true)
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
    ]
}

extension Failure {
    /// An answer to another question than the one that was asked.
    static func strange(_ place: RemotePlace) -> Failure {
        Failure(.malformed, "\(place.url) answers another question than was asked; use the certadns of its version")
    }
}
