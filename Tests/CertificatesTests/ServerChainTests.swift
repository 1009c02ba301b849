import Certificates
import Foundation
import Planning
import Testing

/// Chains made by openssl, judged through its library: each defect in its own words.
@Suite struct ServerChainTests {
    private static let lab = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Lab/mkca.sh").path

    private func chain(_ environment: [String: String] = [:], _ names: String...) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-chain-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [Self.lab, folder, "leaf"] + names
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        try process.run()
        process.waitUntilExit()
        return try String(contentsOfFile: folder + "/leaf.pem", encoding: .utf8)
    }

    private var now: Instant { Instant(Date()) }

    @Test func `a good chain is accepted for its names alone`() throws {
        let pem = try chain([:], "DNS:mta-sts.example.com", "DNS:*.example.org")
        #expect(ServerChain.defect(pem: pem, host: "mta-sts.example.com", now: now) == nil)
        #expect(ServerChain.defect(pem: pem, host: "mta-sts.example.org", now: now) == nil)
        #expect(
            ServerChain.defect(pem: pem, host: "mta-sts.example.net", now: now)
                == "hostname mismatch (certificate 1 of the chain)")
        #expect(ServerChain.defect(pem: pem, host: "a.mta-sts.example.org", now: now)?.hasPrefix("hostname") == true)
    }

    @Test func `dates count`() throws {
        let pem = try chain(["NOT_AFTER": "20250101000000Z"], "DNS:mta-sts.example.com")
        let defect = ServerChain.defect(pem: pem, host: "mta-sts.example.com", now: now)
        #expect(defect == "certificate has expired (certificate 1 of the chain)")
        let day = try #require(Instant("2024-06-01"))
        #expect(ServerChain.defect(pem: pem, host: "mta-sts.example.com", now: day)?.contains("not yet valid") == true)
    }

    @Test func `a leaf under somebody else's CA is no chain`() throws {
        let leaf = try chain([:], "DNS:mta-sts.example.com").components(separatedBy: "-----END CERTIFICATE-----\n")[0]
        let other = try chain([:], "DNS:x.example").components(separatedBy: "-----END CERTIFICATE-----\n")[1]
        let pem = leaf + "-----END CERTIFICATE-----\n" + other + "-----END CERTIFICATE-----\n"
        #expect(ServerChain.defect(pem: pem, host: "mta-sts.example.com", now: now) != nil)
    }

    @Test(arguments: ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func `what is no chain is told so`(text: String) {
        #expect(ServerChain.defect(pem: text, host: "a.example", now: now) == "there is no certificate in it")
    }
}
