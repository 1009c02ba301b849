import DNS
import Foundation
import HostSupport
import MTASTS
import NIOCore
import NIOPosix
import Planning
import PolicyHost
import Ports
import Testing

/// Who gets a handshake, and for how long (RFC 8461 §7).
@Suite struct HandshakeTests {
    @Test(arguments: [
        ("mta-sts.unknown.example", "SSL alert number 112"),
        ("example.com", "SSL alert number 112"),
        ("www.example.com", "SSL alert number 112"),
        ("", "SSL alert number 40"),
    ])
    func `there is no default certificate`(name: String, alert: String) async throws {
        try await HostLab.with { lab in
            let answer = try await lab.openssl("", name: name)
            #expect(answer.status != 0)
            #expect(answer.errors.contains(alert), "\(answer)")
            #expect(!answer.errors.contains("depth="))
        }
    }

    @Test func `the name is found whatever its case`() async throws {
        try await HostLab.with { lab in
            let request = "GET \(WellKnown.path) HTTP/1.0\r\n\r\n"
            let answer = try await lab.openssl(request, name: "MTA-STS.Example.Com", keepsInputOpen: true)
            #expect(answer.output.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
            #expect(answer.output.hasSuffix(HostLab.body))
        }
    }

    @Test(arguments: [("-tls1_2", true), ("-tls1_3", true), ("-tls1_1", false)])
    func `TLS is 1_2 or newer`(version: String, works: Bool) async throws {
        try await HostLab.with { lab in
            let request = "GET \(WellKnown.path) HTTP/1.1\r\nHost: mta-sts.example.com\r\nConnection: close\r\n\r\n"
            let more = [version, "-cipher", "DEFAULT:@SECLEVEL=0"]
            let answer = try await lab.openssl(request, more: more, keepsInputOpen: works)
            #expect(answer.output.hasPrefix("HTTP/1.1 200 OK\r\n") == works, "\(answer)")
        }
    }

    @Test func `plain HTTP on the TLS port gets nothing that reads as a policy`() async throws {
        try await HostLab.with { lab in
            let answer = try await Tool.run(
                "/usr/bin/curl",
                ["-sS", "-i", "--http0.9", "--max-time", "10", "http://127.0.0.1:\(lab.port)/.well-known/mta-sts.txt"])
            #expect(!answer.output.contains("STSv1"))
            #expect(!answer.output.contains("HTTP/"))
        }
    }

    @Test func `a renewed certificate is shown without a restart`() async throws {
        try await HostLab.with { lab in
            _ = try await lab.curl()
            let renewed = try await HostLab.certify(HostLab.zone, by: lab.authority, in: lab.store)
            let isShown = try await until(.seconds(60)) {
                try await lab.fingerprint() == renewed.fingerprint
            }
            #expect(isShown)
        }
    }

    @Test func `who does not begin a handshake is cut off`() async throws {
        var limits = HostLab.quick
        limits.handshake = .milliseconds(200)
        try await HostLab.with(limits) { lab in
            // Half a record header, then silence.
            let wasClosed = try await isClosed(by: lab, sending: [22, 3, 1])
            #expect(wasClosed)
        }
    }

    @Test func `who leaves before the handshake is over holds no connection`() async throws {
        var limits = HostLab.quick
        limits.handshake = .seconds(600)
        try await HostLab.with(limits) { lab in
            let ended = try await Tool.run(
                "/usr/bin/python3",
                [
                    "-c",
                    """
                    import socket
                    s = socket.create_connection(("127.0.0.1", \(lab.port)), 30)
                    s.shutdown(socket.SHUT_WR)
                    print(s.recv(1))
                    """,
                ])
            #expect(ended.output == "b''\n", "\(ended)")
        }
    }

    @Test func `who dribbles a request is cut off, however steadily`() async throws {
        var limits = HostLab.quick
        limits.request = .milliseconds(300)
        try await HostLab.with(limits) { lab in
            let begun = ContinuousClock.now
            let answer = try await lab.openssl("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: m", keepsInputOpen: true)
            #expect(answer.output.isEmpty)
            #expect(ContinuousClock.now - begun < .seconds(10))
        }
    }

    @Test func `a connection over the cap waits until another one ends`() async throws {
        var limits = HostLab.quick
        limits.connections = 1
        // Long enough for a busy machine to have read the first request.
        limits.request = .seconds(5)
        try await HostLab.with(limits) { lab in
            let begun = ContinuousClock.now
            let request = "GET \(WellKnown.path) HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n"
            async let lingering = lab.openssl(request, keepsInputOpen: true)
            #expect(try await until(.seconds(20)) { lab.store.reads == 1 })
            let answer = try await lab.curl()
            #expect(answer.output.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
            let waited = ContinuousClock.now - begun
            #expect(waited >= .seconds(5), "it should have waited until the first one was cut off")
            #expect(try await lingering.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func `a graceful stop finishes the answer under way and takes nobody new`() async throws {
        try await HostLab.with { lab in
            lab.store.turnstile.shut()
            async let answer = lab.curl()
            await lab.store.turnstile.somebodyWaits()
            let idle = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: lab.port).get()
            await lab.stop()
            // The idle connection ends by itself: from here on the stop is under way.
            try await idle.closeFuture.get()
            let late = try await until(.seconds(60)) { try await lab.curl().status == 7 }
            #expect(late, "a new connection should be refused")
            lab.store.turnstile.open()
            let finished = try await answer
            #expect(finished.output.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(finished)")
            #expect(finished.output.hasSuffix(HostLab.body))
        }
    }

    @Test func `a port in use is said in words that help`() async throws {
        try await HostLab.with { lab in
            let second = PolicyServer(
                address: "127.0.0.1", port: lab.port, policies: lab.store, keys: lab.store,
                changes: lab.store, logger: lab.log.logger)
            let failure = await #expect(throws: Failure.self) { try await second.run() }
            #expect(
                failure?.detail
                    == "the policy host can't listen at 127.0.0.1:\(lab.port): another program does already; stop it or choose another port"
            )
        }
    }

    /// Whether the host closes a connection on which these octets and nothing else came.
    private func isClosed(by lab: HostLab, sending octets: [UInt8]) async throws -> Bool {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: lab.port).get()
        // The host may already have been quicker than we are.
        try? await channel.writeAndFlush(ByteBuffer(bytes: octets))
        let begun = ContinuousClock.now
        let watchdog = channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
        try await channel.closeFuture.get()
        watchdog.cancel()
        return ContinuousClock.now - begun < .seconds(9)
    }
}
