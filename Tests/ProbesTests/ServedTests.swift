import DNS
import Findings
import Foundation
import HostSupport
import MTASTS
import NIOCore
import NIOPosix
import Planning
import Ports
import Probes
import Testing

/// Answers that senders take (RFC 8461 §3.3).
@Suite struct ServedTests {
    private static let body = Peer.body
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

    private static func chunk(_ octets: Substring.UTF8View) -> String {
        "\(String(octets.count, radix: 16))\r\n\(String(Substring(octets)))\r\n"
    }

    @Test(arguments: [
        head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body,
        head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body.utf8.prefix(16)) + chunk(body.utf8.dropFirst(16))
            + "0\r\n\r\n",
        head + "\r\n" + body,
        "HTTP/1.0 200 OK\r\ncontent-type: TEXT/Plain ; charset=us-ascii; x=y\r\n\r\n" + body,
        "HTTP/1.1 100 Continue\r\n\r\n" + head + "\r\n" + body,
        head + "Content-Encoding: identity\r\n\r\n" + body,
    ])
    func `a policy by length, in chunks or to the end of the connection is served`(response: String) async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate()
            let look = try await peer.look(.answer, response, material: material)
            #expect(look.answer == .served(Self.body))
            #expect(look.certificate?.fingerprint == material.facts.fingerprint)
            #expect(look.certificate?.names == ["mta-sts.example.com"])
        }
    }

    @Test func `the request is a sender's, by name and SNI`() async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate()
            try await BadServer.with(.answer, chain: material.chain, key: material.key.reveal()) { server in
                _ = try await peer.look(server.port)
                let lines = server.request.split(separator: "\r\n").joined(separator: "\n").split(separator: "\n")
                #expect(
                    lines == [
                        "mta-sts.example.com", "GET /.well-known/mta-sts.txt HTTP/1.1", "Host: mta-sts.example.com",
                        "User-Agent: certadns", "Accept: text/plain", "Connection: close",
                    ])
            }
        }
    }

    @Test func `65536 octets are read`() async throws {
        try await Peer.with { peer in
            let body = String(repeating: "x", count: 65_536)
            let look = try await peer.look(.answer, Self.head + "Content-Length: 65536\r\n\r\n" + body)
            #expect(look.answer == .served(body))
        }
    }

    @Test func `a wildcard certificate covers the host`() async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate(["*.example.com"])
            let look = try await peer.look(.answer, Self.head + "\r\n" + Self.body, material: material)
            #expect(look.answer == .served(Self.body))
        }
    }

    @Test func `connect says where to go, and the names stay`() async throws {
        try await Peer.with { peer in
            let material = try await peer.certificate()
            let response = Array((Self.head + "\r\n" + Self.body).utf8)
            try await BadServer.with(.answer, response: response, chain: material.chain, key: material.key.reveal()) {
                server in
                let probe = try PolicyProbe(
                    group: MultiThreadedEventLoopGroup.singleton, trust: TrustRoots(system: false, files: [peer.roots]),
                    connect: ("localhost", server.port), now: Peer.now)
                let look = await probe.policy(of: try DomainName("Example.COM"), at: nil)
                #expect(look.answer == .served(Self.body))
                #expect(look.address == "localhost:\(server.port)")
                #expect(server.request.hasPrefix("mta-sts.example.com\n"))
            }
        }
    }

    @Test func `many looks at our own host, 64 at a time`() async throws {
        try await HostLab.with { lab in
            var zones: [DomainName] = []
            for number in 0..<20 {
                let zone = try DomainName("z\(number).example")
                try await HostLab.certify(zone.description, by: lab.authority, in: lab.store)
                lab.store.put(try HostLab.published("\(number)" + HostLab.body), for: zone)
                zones.append(zone)
            }
            let probe = try PolicyProbe(
                group: MultiThreadedEventLoopGroup.singleton, trust: TrustRoots(system: false, files: [lab.roots]),
                port: lab.port, deadline: .seconds(240), now: Peer.now)
            let all = zones
            let served = await withTaskGroup(of: Bool.self) { group in
                var count = 0
                for turn in 0..<256 {
                    if turn >= 64, await group.next() == true { count += 1 }
                    group.addTask {
                        let look = await probe.policy(of: all[turn % 20], at: IPAddress("127.0.0.1"))
                        return look.answer == .served("\(turn % 20)" + HostLab.body)
                    }
                }
                for await isServed in group where isServed { count += 1 }
                return count
            }
            #expect(served == 256)
        }
    }
}
