import DNS
import Findings
import Foundation
import HostSupport
import LocalCA
import NIOCore
import NIOPosix
import Planning
import Ports
import Probes
import Testing

/// Every way in which a sender gets no policy, with the whole sentence that people read.
@Suite struct NotServedTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

    @Test func `refused`() async throws {
        try await Peer.with { peer in
            // Bound and not listening: refused, and nobody else can take the port meanwhile.
            let taken = try ClosedPort()
            defer { taken.release() }
            let port = taken.number
            let look = try await peer.look(port)
            #expect(look.answer == .notServed(.refused, "the connection is refused: nothing listens there"))
            #expect(look.address == "127.0.0.1:\(port)")
            #expect(look.certificate == nil)
        }
    }

    /// On a busy machine the time may be over before the stage that is meant has begun: then with more time.
    @Test(arguments: [
        (BadServer.Manner.full, "no connection came about"),
        (.mute, "the TLS handshake was not over"),
        (.hang, "it did not answer whole"),
    ])
    func `timeout`(manner: BadServer.Manner, words: String) async throws {
        try await Peer.with { peer in
            var look = PolicyLook(address: "", answer: .unknown(""))
            for seconds: Int64 in [3, 12, 48] {
                let begun = ContinuousClock.now
                look = try await peer.look(manner, Self.head + "Content-Length: 9\r\n\r\nversion", seconds: seconds)
                let took = ContinuousClock.now - begun
                #expect(took < .seconds(seconds + 297))
                if look.answer == .notServed(.timeout, "\(words) within \(seconds) s") { return }
            }
            Issue.record("\(look.answer)")
        }
    }

    @Test(arguments: [
        (
            BadServer.Manner.alert,
            "the TLS handshake failed (tlsv1 alert unrecognized name); has it a certificate for mta-sts.example.com?"
        ),
        (
            .drop,
            "it closed the connection during the TLS handshake; has it a certificate for mta-sts.example.com?"
        ),
        (
            .plain,
            "the TLS handshake failed (wrong version number); has it a certificate for mta-sts.example.com?"
        ),
    ])
    func `handshake`(manner: BadServer.Manner, words: String) async throws {
        try await Peer.with { peer in
            let look = try await peer.look(manner, "HTTP/1.1 400 Bad Request\r\n\r\n")
            #expect(look.answer == .notServed(.handshake, words))
        }
    }

    @Test func `certificate, by the dates of the clock that is given`() async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate()
            let facts = material.facts
            let zone = try DomainName("example.com")
            // Leaf and root both by this clock: a second before and after the leaf's days, and within them long ahead.
            for (now, words) in [
                (facts.notBefore + -1, "its certificate is not valid before \(facts.notBefore)"),
                (facts.notAfter + 1, "its certificate expired at \(facts.notAfter)"),
                (facts.notAfter + -1, nil),
            ] {
                let look = try await BadServer.with(
                    .answer,
                    response: Array((Self.head + "Content-Length: \(Peer.body.utf8.count)\r\n\r\n" + Peer.body).utf8),
                    chain: material.chain, key: material.key.reveal()
                ) { server in
                    try await peer.probe(server.port, now: { now }).policy(of: zone, at: IPAddress("127.0.0.1"))
                }
                #expect(look.answer == words.map { .notServed(.certificate, $0) } ?? .served(Peer.body))
            }
        }
    }

    @Test(arguments: [(-200, "its certificate expired at "), (10, "its certificate is not valid before ")])
    func `certificate, by its dates`(days: Int, words: String) async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate(days: days)
            let moment = days < 0 ? material.facts.notAfter : material.facts.notBefore
            let look = try await peer.look(.answer, material: material)
            #expect(look.answer == .notServed(.certificate, words + "\(moment)"))
            #expect(look.certificate?.fingerprint == material.facts.fingerprint)
        }
    }

    @Test(arguments: [
        "mta-sts.other.example", "example.com", "*.mta-sts.example.com", "*.com", "mta-sts.example.com.evil.example",
    ])
    func `certificate, by its names`(name: String) async throws {
        try await Peer.with { peer in
            let look = try await peer.look(.answer, material: try await peer.certificate([name]))
            #expect(look.answer == .notServed(.certificate, "its certificate names \(name), not mta-sts.example.com"))
            #expect(look.certificate?.names == [name])
        }
    }

    @Test func `certificate, by its common name alone`() async throws {
        try await Peer.with { peer in
            let folder = try Tool.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let made = try await Tool.run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=mta-sts.example.com", "-keyout", folder + "/key", "-out", folder + "/chain",
                ])
            #expect(made.status == 0)
            let chain = try String(contentsOfFile: folder + "/chain", encoding: .utf8)
            let key = try String(contentsOfFile: folder + "/key", encoding: .utf8)
            let look = try await BadServer.with(.answer, chain: chain, key: key) { try await peer.look($0.port) }
            #expect(
                look.answer == .notServed(.certificate, "its certificate names no host at all, not mta-sts.example.com")
            )
        }
    }

    @Test func `certificate, by a CA that nobody here trusts`() async throws {
        try await Peer.with { peer in
            try await Peer.with { foreign in
                let material = try await foreign.certificate()
                let look = try await peer.look(.answer, material: material)
                let issuer = try #require(look.certificate?.issuer)
                #expect(
                    look.answer
                        == .notServed(
                            .certificate, "its certificate, by '\(issuer)', leads to no CA that is trusted here"))
                #expect(look.certificate?.fingerprint == material.facts.fingerprint)
            }
        }
    }

    @Test(arguments: [
        ("404 Not Found", "it answers status 404, and only 200 gives a policy"),
        ("503 Service Unavailable", "it answers status 503, and only 200 gives a policy"),
        ("201 Created", "it answers status 201, and only 200 gives a policy"),
        ("206 Partial Content", "it answers status 206, and only 200 gives a policy"),
    ])
    func `status`(status: String, words: String) async throws {
        try await Peer.with { peer in
            let look = try await peer.look(
                .answer, "HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\n\r\n" + Peer.body)
            #expect(look.answer == .notServed(.status, words))
            #expect(look.certificate != nil)
        }
    }

    @Test(arguments: [
        (BadServer.Manner.answer, head + "Content-Length: 999\r\n\r\n" + Peer.body),
        (.tear, head + "Content-Length: 999\r\n\r\n" + Peer.body),
        // Without a length only close_notify tells the end from a cut.
        (.tear, head + "\r\n" + Peer.body),
        (.answer, head + "Transfer-Encoding: chunked\r\n\r\n999\r\n" + Peer.body),
        (.answer, "SSH-2.0-OpenSSH_9.2\r\n"),
        (.answer, "HTTP/1.1 2"),
        (.answer, ""),
    ])
    func `status, since the answer is none`(manner: BadServer.Manner, response: String) async throws {
        try await Peer.with { peer in
            let look = try await peer.look(manner, response)
            #expect(look.answer == .notServed(.status, "it ended the connection without a whole HTTP answer"))
        }
    }

    @Test(arguments: [
        (
            "301 Moved", "Location: https://www.example.com/é\r\n",
            "it redirects to 'https://www.example.com/?' (status 301), which no sender follows; serve the policy at this very URL"
        ),
        (
            "304 Not Modified", "",
            "it redirects (status 304), which no sender follows; serve the policy at this very URL"
        ),
    ])
    func `redirect`(status: String, location: String, words: String) async throws {
        try await Peer.with { peer in
            let look = try await peer.look(.answer, "HTTP/1.1 \(status)\r\n\(location)Content-Length: 0\r\n\r\n")
            #expect(look.answer == .notServed(.redirect, words))
        }
    }

    @Test(arguments: [
        (
            "Content-Type: text/html; charset=utf-8\r\n",
            "the media type is 'text/html; charset=utf-8', senders want 'text/plain'"
        ),
        ("Content-Type: text/plainer\r\n", "the media type is 'text/plainer', senders want 'text/plain'"),
        ("", "the media type is not stated, senders want 'text/plain'"),
    ])
    func `media type`(header: String, words: String) async throws {
        try await Peer.with { peer in
            let look = try await peer.look(.answer, "HTTP/1.1 200 OK\r\n\(header)\r\n" + Peer.body)
            #expect(look.answer == .notServed(.mediaType, words))
        }
    }

    @Test(arguments: ["Content-Length: 65537\r\n\r\n", "Content-Length: 100000000\r\n\r\n", "\r\n"])
    func `size, and the rest is not awaited`(framing: String) async throws {
        try await Peer.with { peer in
            let body = String(repeating: "x", count: 65_537)
            let look = try await peer.look(.hang, Self.head + framing + body)
            #expect(
                look.answer == .notServed(.size, "the body is larger than 65536 octets, where senders stop reading"))
        }
    }

    @Test func `size of the header`() async throws {
        try await Peer.with { peer in
            let many = (0..<300).map { "x-\($0): v\r\n" }.joined()
            let big = "x: " + String(repeating: "x", count: 70_000) + "\r\n"
            for fields in [many, big] {
                let look = try await peer.look(.hang, Self.head + fields + "\r\n")
                #expect(
                    look.answer
                        == .notServed(
                            .size, "its answer has more than 65536 octets of header fields, or more than 200 of them"))
            }
        }
    }

    @Test func `encoding`() async throws {
        try await Peer.with { peer in
            let zipped = try await peer.look(.answer, Self.head + "Content-Encoding: gzip\r\n\r\n" + Peer.body)
            #expect(
                zipped.answer
                    == .notServed(.encoding, "the body comes with Content-Encoding 'gzip', which senders do not undo"))
            let latin = try await peer.look(.answer, octets: Array((Self.head + "\r\n").utf8) + [0xe9, 0x0a])
            #expect(latin.answer == .notServed(.encoding, "the body is not UTF-8"))
        }
    }

    @Test func `unknown, where there is nowhere to go`() async throws {
        try await Peer.with { peer in
            let look = try await peer.probe(443).policy(of: try DomainName("example.com"), at: nil)
            #expect(look == PolicyLook(address: "mta-sts.example.com", answer: .unknown("no address to ask")))
            // A documentation address (RFC 3849) is nobody's: most machines have no way there.
            let odd = try await peer.probe(443, seconds: 3).policy(
                of: try DomainName("example.com"), at: IPAddress("2001:db8::1"))
            if case .served = odd.answer { Issue.record("a documentation address served a policy") }
            #expect(odd.address == "[2001:db8::1]:443")
        }
    }

    @Test func `unknown, when the look is given up`() async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate()
            try await BadServer.with(.hang, chain: material.chain, key: material.key.reveal()) { server in
                let probe = try peer.probe(server.port)
                let zone = try DomainName("example.com")
                let look = Task { await probe.policy(of: zone, at: IPAddress("127.0.0.1")) }
                let end = ContinuousClock.now + .seconds(20)
                while server.request.isEmpty, ContinuousClock.now < end { await Task.yield() }
                look.cancel()
                let answer = await look.value.answer
                #expect(answer == .unknown("the look was given up before it ended"))
            }
        }
    }
}
