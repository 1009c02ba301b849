import DNS
import Findings
import Foundation
import NIOCore
import NIOPosix
import Planning
import Ports
import Probes
import Testing

/// What a mail host shows, told as a conforming sender would take it (RFC 8461 §4.2), and no server keeps the probe longer than it may.
@Suite struct SMTPProbeTests {
    private static let host = "mx.example.com"

    private static func check(
        _ peer: Peer, _ port: Int, addresses: [String] = ["127.0.0.1"], seconds: Int64 = 15
    ) async throws -> MailHostVerdict {
        try await SMTPProbe(
            group: MultiThreadedEventLoopGroup.singleton, trust: TrustRoots(system: false, files: [peer.roots]),
            port: port, deadline: .seconds(seconds), now: Peer.now
        ).check(DomainName(host), at: addresses.compactMap { IPAddress($0) })
    }

    /// The verdict on a server that shows a certificate for these names.
    private static func verdict(
        names: [String] = [host], days: Int = 0, _ manner: MailServer.Manner = .tls, trusts: Bool = true
    ) async throws -> (MailHostVerdict, heard: [String]) {
        try await Peer.with { peer in
            try await Peer.with { stranger in
                let material = try await (trusts ? peer : stranger).certificate(names, days: days)
                return try await MailServer.with(manner, chain: material.chain, key: material.key.reveal()) {
                    (try await check(peer, $0.port), $0.heard)
                }
            }
        }
    }

    @Test(arguments: [[host], ["other.test", host], ["*.example.com"]])
    func `a certificate that names the host is good, and the host was asked by its name`(names: [String]) async throws {
        let (verdict, heard) = try await Self.verdict(names: names)
        #expect(verdict == .valid)
        #expect(heard.prefix(3) == ["EHLO [127.0.0.1]", "STARTTLS", "SNI \(Self.host)"], "\(heard)")
        #expect(!heard.contains { $0.hasPrefix("MAIL") })
    }

    @Test(arguments: [
        (["other.example.com"], 0, true, MailHostVerdict.Fault.names, "names other.example.com, not mx.example.com"),
        (["*.mx.example.com", "*.com"], 0, true, .names, "not mx.example.com"),
        ([host], -200, true, .dates, "expired at"),
        ([host], 300, true, .dates, "not valid before"),
        ([host], 0, false, .trust, "leads to no CA that is trusted here"),
    ])
    func `a certificate that a sender refuses is bad, and the verdict says why`(
        names: [String], days: Int, trusts: Bool, fault: MailHostVerdict.Fault, words: String
    ) async throws {
        let (verdict, _) = try await Self.verdict(names: names, days: days, trusts: trusts)
        guard case .failing(fault, let told) = verdict else { return #expect(Bool(false), "\(verdict)") }
        #expect(told.contains(words), "\(told)")
    }

    @Test func `what was said in the open after STARTTLS counts for nothing under TLS`() async throws {
        #expect(try await Self.verdict(.injects).0 == .valid)
        let (verdict, _) = try await Self.verdict(names: ["other.test"], .injects)
        guard case .failing(.names, _) = verdict else { return #expect(Bool(false), "\(verdict)") }
    }

    @Test(arguments: [
        (
            MailServer.Manner.garbage,
            MailHostVerdict.failing(.handshake, "the TLS handshake failed (wrong version number)")
        ),
        (.drop, .failing(.handshake, "it closed the connection during the TLS handshake")),
    ])
    func `TLS that does not come about is bad`(manner: MailServer.Manner, wanted: MailHostVerdict) async throws {
        #expect(try await Self.verdict(manner).0 == wanted)
    }

    @Test(arguments: [
        ("250-mx.example.com\r\n250 SIZE 1000\r\n", "220 go\r\n", "it offers no STARTTLS"),
        ("250-STARTTLS\r\n250 XSTARTTLS\r\n", "220 go\r\n", "it offers no STARTTLS"),
        (
            "250-mx\r\n250-starttls \r\n250 HELP\r\n", "454 not now\r\n",
            "it offers STARTTLS, and answers it with '454 not now'"
        ),
    ])
    func `a mail host without STARTTLS is bad`(hello: String, upgrade: String, words: String) async throws {
        try await Peer.with { peer in
            let verdict = try await MailServer.with(hello: hello, upgrade: upgrade) {
                try await Self.check(peer, $0.port)
            }
            #expect(verdict == .failing(.starttls, words))
        }
    }

    @Test(arguments: [
        ("554 we know you not\r\n", "it greets with '554 we know you not'"),
        ("421-wait\r\n421 more\r\n", "it greets with '421 more'"),
        ("HTTP/1.1 400 Bad Request\r\n", "its greeting is no SMTP: 'HTTP/1.1 400 Bad Request'"),
        ("220-a\r\n221 b\r\n", "its greeting has two codes, 220 and 221"),
        ("220\t\u{1b}[2J\r\n", "its greeting is no SMTP: '220??[2J'"),
        ("220-more\r\n…", "its greeting has no end that is waited for"),
        ("220 x…", "its greeting has no end that is waited for"),
    ])
    func `one that won't talk, or talks without end, is no verdict on its certificate`(
        greeting: String, words: String
    ) async throws {
        try await Peer.with { peer in
            let verdict = try await MailServer.with(greeting: greeting) { try await Self.check(peer, $0.port) }
            guard case .refused(let told) = verdict else { return #expect(Bool(false), "\(verdict)") }
            #expect(told == words, "\(told)")
        }
    }

    @Test func `a silent mail host, and one that can't be reached, is unknown and never bad`() async throws {
        try await Peer.with { peer in
            for greeting in ["", "220 mx\r\n"] {
                let verdict = try await MailServer.with(greeting: greeting, .mute) {
                    try await Self.check(peer, $0.port, seconds: 1)
                }
                guard case .unknown(let why) = verdict else { return #expect(Bool(false), "\(verdict)") }
                #expect(why.reason.contains("said nothing of use within 1 s"))
            }
            let closed = try ClosedPort()
            defer { closed.release() }
            guard case .unknown(let why) = try await Self.check(peer, closed.number) else {
                return #expect(Bool(false), "a closed port is bad")
            }
            #expect(why.reason == "127.0.0.1:\(closed.number) takes no connection from here")
        }
    }

    @Test func `of several addresses the bad one is named`() async throws {
        try await Peer.with { peer in
            // Nothing listens at the second.
            let (verdict, port) = try await MailServer.with(hello: "250 mx\r\n") {
                (try await Self.check(peer, $0.port, addresses: ["127.0.0.1", "127.0.0.2"]), $0.port)
            }
            #expect(verdict == .failing(.starttls, "it offers no STARTTLS (at 127.0.0.1:\(port))"))
        }
    }
}
