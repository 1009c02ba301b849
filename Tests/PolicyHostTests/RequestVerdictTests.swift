import DNS
import NIOHTTP1
import Planning
import Testing

@testable import PolicyHost

/// What a request head gets (standards HTTP-1 to HTTP-5).
@Suite struct RequestVerdictTests {
    static let path = "/.well-known/mta-sts.txt"
    static let mine: HTTPHeaders = ["Host": "mta-sts.example.com"]

    private func judge(_ head: HTTPRequestHead) throws -> RequestVerdict {
        let zone = try DomainName("example.com")
        let name = try DomainName("mta-sts.example.com")
        return RequestVerdict.judge(head, name: name, zone: zone, limits: PolicyServer.Limits())
    }

    private func judge(_ target: String, _ headers: HTTPHeaders, _ method: HTTPMethod = .GET) throws -> RequestVerdict {
        try judge(HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: headers))
    }

    @Test(arguments: [
        (path, "mta-sts.example.com"),
        (path, "MTA-STS.Example.COM"),
        (path, "mta-sts.example.com:8443"),
        (path, "mta-sts.example.com:"),
        (path, "mta-sts.example.com."),
        (path + "?x=1", "mta-sts.example.com"),
        ("https://mta-sts.example.com" + path, "mta-sts.example.com"),
        ("HTTPS://MTA-STS.example.com:443" + path, "elsewhere.example"),  // RFC 9112 §3.2.2: the target's host counts
    ])
    func `the policy is at its path under its name`(target: String, host: String) throws {
        let zone = try DomainName("example.com")
        #expect(try judge(target, ["Host": host]) == .policy(zone, body: true))
        #expect(try judge(target, ["Host": host], .HEAD) == .policy(zone, body: false))
    }

    @Test(arguments: [
        "/", "/.well-known/mta-sts.txt/", "/.well-known/MTA-STS.txt", "/.well-known//mta-sts.txt",
        "//.well-known/mta-sts.txt",
        "/.well-known/mta-sts%2etxt", "/.well-known/../.well-known/mta-sts.txt", "/.well-known/mta-sts.tx", "*",
        "https://mta-sts.example.com", "/.well-known/mta-sts.txt#x",
    ])
    func `another path is not found, without any decoding`(target: String) throws {
        #expect(try judge(target, Self.mine) == .refusal(.notFound))
    }

    @Test(arguments: [HTTPMethod.POST, .PUT, .DELETE, .OPTIONS, .TRACE, .PATCH, .RAW(value: "BREW")])
    func `other methods are told which are allowed`(method: HTTPMethod) throws {
        #expect(try judge(Self.path, Self.mine, method) == .refusal(.methodNotAllowed, allow: true))
    }

    @Test(arguments: [
        "mta-sts.other.example", "example.com", "mta-sts.sub.example.com", "[::1]", "127.0.0.1", "localhost:443",
    ])
    func `a Host that is not the name of the handshake is misdirected`(host: String) throws {
        #expect(try judge(Self.path, ["Host": host]) == .refusal(.misdirectedRequest))
    }

    @Test(arguments: [
        HTTPHeaders(), HTTPHeaders([("Host", "mta-sts.example.com"), ("host", "mta-sts.example.com")]), ["Host": ""],
        ["Host": "mta-sts.example.com/x"], ["Host": "mta-sts.example.com:44x"], ["Host": "user@mta-sts.example.com"],
        ["Host": "mta-sts.example.com, b.example"], ["Host": "mta sts.example.com"], ["Host": "a:1:2"],
    ])
    func `no Host, two or a broken one are a bad request`(headers: HTTPHeaders) throws {
        #expect(try judge(Self.path, headers) == .dismissal(.badRequest))
    }

    @Test func `HTTP 1_0 may leave the Host out`() throws {
        let head = HTTPRequestHead(version: .http1_0, method: .GET, uri: Self.path)
        #expect(try judge(head) == .policy(try DomainName("example.com"), body: true))
    }

    @Test func `a target of 8000 octets is read and one more is too long`() throws {
        let longest = Self.path + "?" + String(repeating: "x", count: 8_000 - Self.path.utf8.count - 1)
        #expect(try judge(longest, Self.mine) == .policy(try DomainName("example.com"), body: true))
        #expect(try judge(longest + "x", Self.mine) == .dismissal(.uriTooLong))
    }

    @Test func `header fields are counted and weighed`() throws {
        var headers = Self.mine
        for number in 0..<63 { headers.add(name: "x-\(number)", value: "v") }
        #expect(try judge(Self.path, headers) == .policy(try DomainName("example.com"), body: true))
        headers.add(name: "x", value: "v")
        #expect(try judge(Self.path, headers) == .dismissal(.requestHeaderFieldsTooLarge))
        headers = Self.mine
        headers.add(name: "cookie", value: String(repeating: "x", count: 16_384))
        #expect(try judge(Self.path, headers) == .dismissal(.requestHeaderFieldsTooLarge))
    }

    @Test func `a body announced as too large is not awaited`() throws {
        var headers = Self.mine
        headers.add(name: "content-length", value: "4097")
        #expect(try judge(Self.path, headers, .POST) == .dismissal(.payloadTooLarge))
    }

    @Test func `who asks to continue gets the final status at once`() throws {
        var headers = Self.mine
        headers.add(name: "expect", value: "100-continue")
        #expect(try judge(Self.path, headers, .POST) == .dismissal(.methodNotAllowed, allow: true))
    }
}

@Suite struct HTTPDateTests {
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),  // RFC 9110 §5.6.7
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1_709_208_000, "Thu, 29 Feb 2024 12:00:00 GMT"),
        (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ])
    func `dates are IMF-fixdate`(seconds: Int64, text: String) {
        #expect(HTTPDate.text(Instant(seconds: seconds)) == text)
    }
}
