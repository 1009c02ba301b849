import EmbeddedDNS
import Foundation
import HostSupport
import Logging
import Synchronization
import Testing

/// What dig, which nobody here wrote, reads from the embedded name server.
@Suite struct DigTests {
    private static let zone = ##"""
        $ORIGIN dig.test.
        $TTL 600
        @ SOA ns1 hostmaster 1 3600 600 86400 300
        @ NS ns1
        ns1 A 127.0.0.1
        _sip._tcp SRV 0 5 5060 ns1
        1 PTR ns1
        child NS ns1
        sub DS 60485 8 2 2BB183AF5F22588179A53B0A98631FAD1A2921182BB183AF5F22588179A53B0A
        www HTTPS 1 . alpn="h2"
        www TXT "beside"
        any TYPE65280 \# 2 00ff

        """##

    /// Serves `folder` while `body` asks it by dig.
    private func serving(
        _ zone: String, _ body: @escaping @Sendable (_ dig: Dig, _ path: String) async throws -> Void
    ) async throws -> [String] {
        let folder = NSTemporaryDirectory() + "certadns-dig-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/dig.test.zone"
        try Data(zone.utf8).write(to: URL(fileURLWithPath: path))
        let log = LogLines()
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let server = AuthoritativeServer(
            address: "127.0.0.1", port: 0, zones: ZoneSource(folder: folder, logger: log.logger), logger: log.logger
        ) { told.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var waiting = ports.makeAsyncIterator()
            let port = try #require(await waiting.next())
            try await body(Dig(port: port), path)
            group.cancelAll()
        }
        return log.lines
    }

    struct Dig: Sendable {
        let port: Int

        func callAsFunction(_ words: String...) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["dig", "@127.0.0.1", "-p", "\(port)", "+norecurse", "+tries=1", "+time=10", "+noall", "+answer"]
                + ["+comments"] + words
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }
    }

    @Test func `types with a grammar are well formed, and what can't be said is SERVFAIL`() async throws {
        _ = try await serving(Self.zone) { dig, _ in
            for (name, type, shown) in [
                ("_sip._tcp", "SRV", "SRV\t0 5 5060 ns1.dig.test."), ("1", "PTR", "PTR\tns1.dig.test."),
                ("sub", "DS", "DS\t60485 8 2 2BB183AF5F22588179A53B0A98631FAD1A2921182BB183AF5F225881 79A53B0A"),
                ("any", "TYPE65280", ##"\# 2 00FF"##), ("www", "TXT", "TXT\t\"beside\""),
            ] {
                let text = try dig("\(name).dig.test", type)
                #expect(text.contains("NOERROR") && text.contains(shown), "\(text)")
                #expect(!text.contains("malformed") && !text.contains("WARNING"), "\(text)")
            }
            for way in ["+notcp", "+tcp"] {
                #expect(try dig("www.dig.test", "HTTPS", way).contains("status: SERVFAIL"))
            }
        }
    }

    @Test func `a file with an $INCLUDE is told and not served: its last good copy is, or SERVFAIL`() async throws {
        let included = Self.zone + "$INCLUDE more.zone\n"
        let fresh = try await serving(included) { dig, _ in
            let text = try dig("www.dig.test", "TXT")
            #expect(text.contains("status: SERVFAIL"), "\(text)")
        }
        #expect(fresh.contains { $0.contains("line 13: an $INCLUDE") }, "\(fresh)")
        let log = try await serving(Self.zone) { dig, path in
            #expect(try dig("www.dig.test", "TXT").contains("beside"))
            let changed = included.replacing("beside", with: "half a zone")
            try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
            #expect(try dig("www.dig.test", "TXT").contains("beside"))
        }
        #expect(log.contains { $0.contains("$INCLUDE") }, "\(log)")
    }
}
