import DNS
import Foundation
import HostSupport
import Logging
import NIOHTTP1
import Ports
import ServiceLifecycle
import Synchronization
import Testing

@testable import PolicyHost

/// http-01 as foreign clients see it (RFC 8555 §8.3).
@Suite struct ChallengeServerTests {
    /// Tokens in memory, which can be broken.
    private final class Tokens: ChallengeTokens {
        private let state = Mutex<(answers: [String: String], failure: Failure?)>(([:], nil))

        func fail(_ failure: Failure?) { state.withLock { $0.failure = failure } }

        func answer(to token: String, at host: DomainName) async throws(Failure) -> String? {
            let (answer, failure) = state.withLock { ($0.answers["\(host.lowercased)/\(token)"], $0.failure) }
            if let failure { throw failure }
            return answer
        }
        func put(_ answer: String, to token: String, at host: DomainName) async throws(Failure) {
            state.withLock { $0.answers["\(host.lowercased)/\(token)"] = answer }
        }
        func remove(_ token: String, at host: DomainName) async throws(Failure) {
            state.withLock { $0.answers["\(host.lowercased)/\(token)"] = nil }
        }
    }

    private struct Lab: Sendable {
        let port: Int
        let tokens: Tokens
        let log: LogLines

        func curl(_ arguments: String..., host: String = "mta-sts.example.com", path: String) async throws
            -> Tool.Outcome
        {
            try await Tool.run(
                "/usr/bin/curl",
                [
                    "-sS", "-i", "--http1.1", "--max-time", "20", "--noproxy", "*", "--path-as-is", "--connect-to",
                    "::127.0.0.1:\(port)", "http://\(host)\(path)",
                ] + arguments)
        }

        /// Octets as they are, until the other side closes.
        func raw(_ request: String) async throws -> Tool.Outcome {
            try await Tool.run(
                "/usr/bin/python3",
                [
                    "-c",
                    """
                    import socket, sys
                    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
                    s.sendall(sys.argv[2].encode())
                    while data := s.recv(65536): sys.stdout.write(data.decode())
                    """, "\(port)", request,
                ])
        }
    }

    private static let path = "/.well-known/acme-challenge/"

    private static func with(
        _ limits: PolicyServer.Limits = PolicyServer.Limits(), _ use: @Sendable (Lab) async throws -> Void
    ) async throws {
        let tokens = Tokens()
        try await tokens.put("tok_en-1.thumb", to: "tok_en-1", at: try DomainName("mta-sts.example.com"))
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let log = LogLines()
        let server = ChallengeServer(
            address: "127.0.0.1", port: 0, tokens: tokens, limits: limits, logger: log.logger,
            onRunning: { continuation.yield($0) })
        let group = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            var iterator = ports.makeAsyncIterator()
            let port = await iterator.next()
            do { try await use(Lab(port: try #require(port), tokens: tokens, log: log)) } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `a token is answered at its host alone, and no more once it was taken away`() async throws {
        try await Self.with { lab in
            let answer = try await lab.curl(path: Self.path + "tok_en-1")
            #expect(answer.output.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
            #expect(answer.output.hasSuffix("\r\n\r\ntok_en-1.thumb"))
            #expect(answer.output.contains("content-length: 14\r\n"))
            let upper = try await lab.curl(host: "MTA-STS.example.com:80", path: Self.path + "tok_en-1?x=1")
            #expect(upper.output.hasSuffix("tok_en-1.thumb"))
            let head = try await lab.curl("-I", path: Self.path + "tok_en-1")
            #expect(head.output.contains("content-length: 14\r\n") && head.output.hasSuffix("\r\n\r\n"))
            let other = try await lab.curl(host: "mta-sts.other.example", path: Self.path + "tok_en-1")
            #expect(other.output.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            try await lab.tokens.remove("tok_en-1", at: try DomainName("mta-sts.example.com"))
            let gone = try await lab.curl(path: Self.path + "tok_en-1")
            #expect(gone.output.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            #expect(!gone.output.contains("thumb"))
        }
    }

    @Test(arguments: [
        "/", path, path + "other", path + "tok_en-1/", path + "tok%5Fen-1", path + "../acme-challenge/tok_en-1",
        path + "tok.en", "/.well-known/mta-sts.txt", path + String(repeating: "a", count: 257),
    ])
    func `everything else is not found, in words`(target: String) async throws {
        try await Self.with { lab in
            let answer = try await lab.curl(path: target)
            #expect(answer.output.hasPrefix("HTTP/1.1 404 Not Found\r\n"), "\(answer)")
            #expect(answer.output.contains("\r\ncontent-type: text/plain"))
            #expect(answer.output.hasSuffix("404 Not Found: only ACME challenges are here\n"))
        }
    }

    @Test func `several requests share a connection, and broken ones end it`() async throws {
        try await Self.with { lab in
            let one = "GET \(Self.path)tok_en-1 HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n"
            let post = "POST \(Self.path)tok_en-1 HTTP/1.1\r\nHost: mta-sts.example.com\r\nContent-Length: 1\r\n\r\nx"
            let answer = try await lab.raw(one + one + post + "GET / HTTP/1.1\r\n\r\n")
            let statuses = answer.output.split(separator: "\r\n").filter { $0.contains("HTTP/1.1 ") }
                .map { String($0.suffix(from: $0.firstRange(of: "HTTP/1.1 ")?.upperBound ?? $0.startIndex)) }
            #expect(statuses == ["200 OK", "200 OK", "405 Method Not Allowed", "400 Bad Request"], "\(answer)")
        }
    }

    @Test func `what a stranger may send is bounded`() async throws {
        try await Self.with { lab in
            let large = try await lab.curl("-H", "x-big: " + String(repeating: "x", count: 40_000), path: "/")
            #expect(large.output.hasPrefix("HTTP/1.1 431 "), "\(large)")
            let long = try await lab.curl(path: "/" + String(repeating: "x", count: 9_000))
            #expect(long.output.hasPrefix("HTTP/1.1 414 "), "\(long)")
            let body = try await lab.curl("-H", "Expect:", "--data", String(repeating: "x", count: 100_000), path: "/")
            #expect(body.output.hasPrefix("HTTP/1.1 413 "), "\(body)")
        }
    }

    @Test func `a peer that says nothing, or half a request, is cut off`() async throws {
        var limits = PolicyServer.Limits()
        limits.request = .milliseconds(300)
        try await Self.with(limits) { lab in
            for request in ["", "GET / HTTP/1.1\r\nHost: x"] {
                let began = ContinuousClock.now
                let answer = try await lab.raw(request)
                #expect(!answer.output.contains("200"))
                #expect(ContinuousClock.now - began < .seconds(15))
            }
        }
    }

    @Test func `a store that fails is an error of ours, never an absent token, and is logged once`() async throws {
        try await Self.with { lab in
            lab.tokens.fail(Failure(.storage, "the disk is gone"))
            for _ in 0..<3 {
                let answer = try await lab.curl(path: Self.path + "tok_en-1")
                #expect(answer.output.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            }
            #expect(lab.log.lines.filter { $0.contains("challenges can't be read") }.count == 1)
        }
    }

    @Test func `a port that is taken is told with what to do`() async throws {
        try await Self.with { lab in
            let second = ChallengeServer(
                address: "127.0.0.1", port: lab.port, tokens: lab.tokens, logger: lab.log.logger)
            let failure = await #expect(throws: Failure.self) { try await second.run() }
            #expect(failure?.detail.contains("the listener for http-01 can't listen at 127.0.0.1:\(lab.port)") == true)
        }
    }
}
