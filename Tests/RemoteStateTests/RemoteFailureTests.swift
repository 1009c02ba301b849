import AsyncHTTPClient
import DNS
import Findings
import Foundation
import HostSupport
import LocalCA
import Planning
import Ports
import RemoteState
import StateAPI
import Storage
import Synchronization
import Testing

/// What goes wrong between a run and `serve` is told with what to do, and leaves nothing half written.
@Suite(.serialized) struct RemoteFailureTests {
    private static let zone = (try? DomainName("example.com")) ?? .root

    /// Answers as told; counts what it was asked.
    private final class Script: WebRoutes {
        let bodyOctets = 1 << 20
        func octets(of head: WebHead) -> Int { bodyOctets }
        private let answers: Mutex<[WebAnswer]>
        private let asked = Mutex(0)
        var count: Int { asked.withLock { $0 } }

        init(_ answers: [WebAnswer]) { self.answers = Mutex(answers) }

        func admit(_ head: WebHead) async -> WebAdmission { .admitted("x") }

        func answer(_ head: WebHead, as caller: String, body: [UInt8]) async -> WebAnswer {
            asked.withLock { $0 += 1 }
            return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }
    }

    private static func failure(_ body: () async throws -> Void) async -> Failure? {
        do { try await body() } catch { return error as? Failure }
        return nil
    }

    private static func answer(_ status: Int, _ text: String) -> WebAnswer {
        WebAnswer(status: status, body: Array(text.utf8))
    }

    @Test(arguments: [
        (500, "<html>oops</html>", Failure.Kind.unreachable, "answers with status 500"),
        (200, "hello", .malformed, "check 'state: url'"),
        (200, #"{"api":1,"reply":{}}"#, .malformed, "update 'certadns serve' there"),
        (200, #"{"api":99,"reply":{}}"#, .malformed, "update this certadns"),
        (200, #"{"api":2,"reply":{"dance":{}}}"#, .malformed, "does not know"),
        (200, #"{"api":2,"reply":{"done":{}}}"#, .malformed, "answers another question"),
    ])
    func `an answer that is none is refused with what to do`(
        status: Int, body: String, kind: Failure.Kind, words: String
    ) async throws {
        let script = Script([Self.answer(status, body)])
        try await RemoteLab.with(routes: script) { lab in
            let remote = lab.remote(BearerToken.make { 7 })
            let failure = await Self.failure { _ = try await remote.now() }
            #expect(failure?.kind == kind)
            #expect(failure?.detail.contains(words) == true, "\(failure?.detail ?? "")")
            #expect(script.count == 1)
        }
    }

    @Test func `an over-long answer is not read to its end`() async throws {
        let script = Script([
            WebAnswer(status: 200, body: [UInt8](repeating: 0x20, count: StateVersion.answerOctets + 1))
        ])
        try await RemoteLab.with(routes: script) { lab in
            let failure = await Self.failure { _ = try await lab.remote(BearerToken.make { 7 }).now() }
            #expect(failure?.kind == .malformed)
            #expect(failure?.detail.contains("is longer than") == true)
        }
    }

    @Test func `an over-long request is not sent, and one that is sent all the same not read`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let remote = lab.remote(token)
            let lease = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100)
            let note = AuditNote(
                commit: nil, digest: nil, what: String(repeating: "x", count: StateVersion.requestOctets))
            let failure = await Self.failure { try await remote.record(.withdrawing, under: lease, audit: note) }
            #expect(failure?.kind == .rejected)
            let body = [UInt8](repeating: 0x20, count: StateVersion.requestOctets + 1)
            let answer = try await lab.post(StateVersion.write, body, token: token.text.reveal(), key: "k")
            #expect(answer.status == 413)
            #expect(try await lab.store.history(of: nil, limit: 9).isEmpty)
        }
    }

    @Test func `a request of another version is refused with the two named`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            for path in [StateVersion.read, StateVersion.write] {
                let answer = try await lab.post(
                    path, Array(#"{"api":1,"by":{},"body":{}}"#.utf8), token: token.text.reveal(),
                    key: "key-of-16-letters-1")
                #expect(answer.status == 400)
                #expect(StateReply.of(answer.body)?.failure?.detail.contains("of version 1") == true)
            }
            let later = try await lab.post("/api/v1/state/read", [], token: token.text.reveal())
            #expect(later.status == 404)
            #expect(StateReply.of(later.body)?.failure?.detail.contains("version 2") == true)
        }
    }

    @Test func `a server that is not there, and one that is another, are told apart`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.plan, named: "ci")
            let gone = await Self.failure {
                _ = try await lab.remote(token, at: "https://\(RemoteLab.name):1").now()
            }
            #expect(gone?.kind == .unreachable)
            #expect(gone?.detail.contains("connection refused; start 'certadns serve' there") == true)
            let name = await Self.failure {
                _ = try await lab.remote(token, at: "https://other.example:\(lab.host.port)").now()
            }
            #expect(name?.detail.contains("list the name under 'serve: names' there") == true, "\(name?.detail ?? "")")
            let folder = try Tool.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let foreign = try LocalAuthority(folder: folder, now: Instant(Date()))
            try foreign.rootPEM.write(toFile: folder + "/roots.pem", atomically: true, encoding: .utf8)
            let http = try RemoteLab.client(trusting: folder + "/roots.pem")
            let untrusted = await Self.failure { _ = try await lab.remote(token, over: http).now() }
            try await http.shutdown()
            #expect(untrusted?.kind == .unauthorized)
            #expect(untrusted?.detail.contains("under 'state: trust'") == true, "\(untrusted?.detail ?? "")")
            #expect(try await lab.store.uses(of: nil, limit: 9).isEmpty, "no request got through")
        }
    }

    @Test func `a write whose answer was lost is asked for again, and done once`() async throws {
        try await RemoteLab.with { lab in
            let token = try await lab.token(.apply, named: "ci")
            let relay = LosingRelay(port: lab.host.port)
            try await relay.run { port in
                let remote = lab.remote(token, at: "https://\(RemoteLab.name):\(port)")
                let lease = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 100)
                #expect(lease.fencing == 1)
                #expect(relay.lost == 1)
                let now = try await lab.store.uses(of: token.id, limit: 9)
                #expect(now.map(\.what) == ["acquire example.com"])
            }
        }
    }

    @Test(arguments: [(-61, true), (61, true), (-59, false), (59, false)])
    func `a local clock that is off by more than a minute is an error with what to do`(
        off: Int, isError: Bool
    ) async throws {
        try await RemoteLab.with { lab in
            let reader = lab.remote(try await lab.token(.plan, named: "ci")).reader
            let failure = await Self.failure { try await reader.checkSkew { lab.clock.now + off } }
            #expect((failure != nil) == isError)
            if isError {
                #expect(failure?.kind == .configuration)
                #expect(failure?.detail.contains("61 seconds \(off > 0 ? "ahead of" : "behind")") == true)
                #expect(failure?.detail.contains("NTP") == true)
            }
        }
    }
}
