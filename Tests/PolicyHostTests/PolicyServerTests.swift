import DNS
import Foundation
import HostSupport
import MTASTS
import Planning
import PolicyHost
import Ports
import Testing

/// The host as foreign clients see it: curl and openssl over loopback.
@Suite struct PolicyServerTests {
    @Test func `curl gets the policy byte for byte with exactly the headers it needs`() async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl()
            #expect(answer.status == 0, "\(answer.errors)")
            let parts = answer.output.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            try #require(parts.count == 2)
            #expect(parts[1] == HostLab.body)
            let head = parts[0].split(separator: "\r\n").map(String.init)
            #expect(head.first == "HTTP/1.1 200 OK")
            let names = head.dropFirst().map { $0.prefix { $0 != ":" } }
            #expect(names == ["content-type", "content-length", "date"])
            #expect(head.contains("content-type: text/plain; charset=utf-8"))
            #expect(head.contains("content-length: \(HostLab.body.utf8.count)"))
        }
    }

    @Test func `HEAD gets the same headers and no body`() async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl("-I")
            #expect(answer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.output.contains("content-length: \(HostLab.body.utf8.count)\r\n"))
            #expect(answer.output.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `POST is refused with what is allowed`() async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl("-d", "x=1")
            #expect(answer.output.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
            #expect(answer.output.contains("\r\nallow: GET, HEAD\r\n"))
        }
    }

    @Test func `a body that is too large is refused before it is read`() async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl("-H", "Expect:", "--data", String(repeating: "x", count: 100_000))
            #expect(answer.output.hasPrefix("HTTP/1.1 413 Payload Too Large\r\n"))
            let chunked =
                "POST \(WellKnown.path) HTTP/1.1\r\nHost: mta-sts.example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunk = "1000\r\n" + String(repeating: "x", count: 4_096) + "\r\n"
            let raw = try await lab.openssl(chunked + chunk + chunk)
            #expect(raw.output.hasPrefix("HTTP/1.1 413 Payload Too Large\r\n"))
        }
    }

    @Test(arguments: ["/", "/.well-known/mta-sts.txt/", "/.well-known/acme-challenge/x", "/index.html"])
    func `other paths are not found, without a word`(path: String) async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl(path: path)
            #expect(answer.output.hasPrefix("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n"))
            #expect(answer.output.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `a name with a certificate and no policy is not found`() async throws {
        try await HostLab.with { lab in
            try await HostLab.certify("bare.example", by: lab.authority, in: lab.store)
            let answer = try await lab.curl(name: "mta-sts.bare.example")
            #expect(answer.output.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
    }

    @Test func `a Host that disagrees with the handshake is misdirected, though we serve it`() async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl("-H", "Host: mta-sts.other.example")
            #expect(answer.output.hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
        }
    }

    @Test(arguments: [
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\nHost: mta-sts.example.com\r\n\r\n",
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\n\r\n",
        // RFC 9112 §6.3: two lengths are an attack.
        "POST / HTTP/1.1\r\nHost: mta-sts.example.com\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost : mta-sts.example.com\r\n\r\n",
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\nx: a\r\n b\r\n\r\n",
        "this is no request at all\r\n\r\n",
    ])
    func `broken requests are bad requests and end the connection`(request: String) async throws {
        try await HostLab.with { lab in
            let answer = try await lab.openssl(request, keepsInputOpen: true)
            #expect(answer.output.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer)")
            #expect(answer.output.contains("connection: close\r\n"))
        }
    }

    @Test(arguments: [(8_001, "414 URI Too Long"), (12_000, "414 URI Too Long"), (7_900, "200 OK")])
    func `long targets`(octets: Int, status: String) async throws {
        try await HostLab.with { lab in
            let query = "?" + String(repeating: "x", count: octets - WellKnown.path.utf8.count - 1)
            let answer = try await lab.curl(path: WellKnown.path + query)
            #expect(answer.output.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(answer.errors)")
        }
    }

    @Test(arguments: [17_000, 60_000])
    func `headers that are too large get 431`(octets: Int) async throws {
        try await HostLab.with { lab in
            let answer = try await lab.curl("-H", "x-big: " + String(repeating: "x", count: octets))
            #expect(answer.output.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "\(answer.errors)")
        }
    }

    @Test func `several requests share a connection, also sent at once`() async throws {
        try await HostLab.with { lab in
            let one = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n"
            let last = "GET /x HTTP/1.1\r\nHost: mta-sts.example.com\r\nConnection: close\r\n\r\n"
            let answer = try await lab.openssl(one + one + last, keepsInputOpen: true)
            let statuses = answer.output.split(separator: "\r\n").filter { $0.hasPrefix("HTTP/1.1 ") }
            #expect(statuses == ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"])
        }
    }

    @Test func `a stored policy is served without a restart`() async throws {
        try await HostLab.with { lab in
            _ = try await lab.curl()
            let changed = HostLab.body.replacing("testing", with: "enforce")
            lab.store.put(try HostLab.published(changed), for: try DomainName(HostLab.zone))
            let isServed = try await until(.seconds(60)) { try await lab.curl().output.hasSuffix(changed) }
            #expect(isServed)
        }
    }

    @Test func `a store that fails is an error of ours, never a missing policy, and is logged once`() async throws {
        try await HostLab.with { lab in
            lab.store.fail(Failure(.storage, "the disk is gone"))
            try await HostLab.certify("fresh.example", by: lab.authority, in: lab.store)
            let refused = try await lab.openssl("", name: "mta-sts.fresh.example")
            #expect(refused.errors.contains("alert internal error"), "\(refused)")
            lab.store.fail(nil)
            lab.store.turnstile.shut()
            async let answers = (lab.curl(), lab.curl(), lab.curl())
            await lab.store.turnstile.somebodyWaits()
            lab.store.fail(Failure(.storage, "the disk is gone"))
            lab.store.turnstile.open()
            let (first, second, third) = try await answers
            let statuses = [first, second, third].map { $0.output.prefix { $0 != "\r\n" } }
            #expect(statuses.contains("HTTP/1.1 503 Service Unavailable"))
            for answer in [first, second, third] where answer.output.hasPrefix("HTTP/1.1 503") {
                #expect(answer.output.contains("content-length: 0\r\n"))
                #expect(answer.output.hasSuffix("\r\n\r\n"))
            }
            #expect(
                lab.log.lines.filter { $0.contains("policies can't be read") }
                    == ["error policies can't be read reason=the disk is gone times=1"])
        }
    }
}

/// Asks again until it holds or the time is up.
func until(_ limit: Duration, _ holds: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + limit
    repeat {
        if try await holds() { return true }
        await Task.yield()
    } while ContinuousClock.now < end
    return false
}
