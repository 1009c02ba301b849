import DNS
import Foundation
import HostSupport
import MTASTS
import Planning
import PolicyHost
import Ports
import Testing

/// When the host reads its store again, and what of it a client sees.
@Suite struct FreshnessTests {
    @Test func `nothing is read before it is asked for, and an unchanged store is not read again`() async throws {
        try await HostLab.with { lab in
            #expect(lab.store.reads == 0)
            #expect(lab.store.certificateReads == 0)
            let begun = ContinuousClock.now
            // Longer than an answer counts as fresh, so that the store is asked for changes in between.
            while ContinuousClock.now - begun < .seconds(2) {
                let answer = try await lab.curl()
                #expect(answer.output.hasSuffix(HostLab.body))
            }
            #expect(lab.store.reads == 1)
            #expect(lab.store.certificateReads == 1)
        }
    }

    @Test func `what this process stores is served at the next handshake`() async throws {
        var limits = HostLab.quick
        limits.freshness = 3_600
        try await HostLab.with(limits) { lab in
            for round in 0..<3 {
                _ = try await lab.curl()
                let renewed = try await HostLab.certify(HostLab.zone, by: lab.authority, in: lab.store)
                let body = HostLab.body + "x-round: \(round)\r\n"
                lab.store.put(try HostLab.published(body), for: try DomainName(HostLab.zone))
                #expect(try await lab.fingerprint() == renewed.fingerprint)
                #expect(try await lab.curl().output.hasSuffix(body))
            }
        }
    }

    @Test func `what another process stores is served within seconds`() async throws {
        try await HostLab.with { lab in
            _ = try await lab.curl()
            lab.store.becomeAnother()
            let renewed = try await HostLab.certify(HostLab.zone, by: lab.authority, in: lab.store)
            let body = HostLab.body + "x: y\r\n"
            lab.store.put(try HostLab.published(body), for: try DomainName(HostLab.zone))
            #expect(try await until(.seconds(5)) { try await lab.fingerprint() == renewed.fingerprint })
            #expect(try await until(.seconds(5)) { try await lab.curl().output.hasSuffix(body) })
        }
    }

    @Test func `more names than are kept are all served, each with its own certificate`() async throws {
        var limits = HostLab.quick
        limits.cachedNames = 2
        try await HostLab.with(limits) { lab in
            let zones = (0..<5).map { "zone\($0).example" }
            var prints: [String: String] = [:]
            for zone in zones {
                prints[zone] = try await HostLab.certify(zone, by: lab.authority, in: lab.store).fingerprint
            }
            for _ in 0..<2 {
                for zone in zones {
                    let shown = try await lab.fingerprint("mta-sts." + zone)
                    #expect(shown == prints[zone])
                }
            }
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `a session resumes for its name alone, as long as the certificate is the same`(version: String) async throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await HostLab.with { lab in
            func begins(_ name: String, _ options: String...) async throws -> String {
                let request = "GET \(WellKnown.path) HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n"
                let peer = try await Tool.run(
                    "/usr/bin/openssl",
                    ["s_client", "-connect", "127.0.0.1:\(lab.port)", "-servername", name, "-ign_eof", version]
                        + options, input: request)
                #expect(peer.output.contains("HTTP/1.1 200 OK"), "\(peer)")
                return peer.output.contains("\nReused, ") ? "resumed" : "new"
            }
            let mine = folder + "/session"
            #expect(try await begins("mta-sts.example.com", "-sess_out", mine) == "new")
            #expect(try await begins("mta-sts.example.com", "-sess_in", mine) == "resumed")
            #expect(try await begins("mta-sts.other.example", "-sess_in", mine) == "new")
            // The store changes and is asked again; this name's certificate is still the same.
            try await HostLab.certify("other.example", by: lab.authority, in: lab.store)
            #expect(try await begins("mta-sts.example.com", "-sess_in", mine) == "resumed")
            try await HostLab.certify(HostLab.zone, by: lab.authority, in: lab.store)
            #expect(try await begins("mta-sts.example.com", "-sess_in", mine) == "new")
        }
    }
}
