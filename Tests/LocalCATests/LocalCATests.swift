import DNS
import Doubles
import Findings
import Foundation
import LocalCA
import Planning
import Ports
import Sealing
import Testing

/// The local CA, judged by the openssl program.
@Suite struct LocalCATests {
    private func with(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-ca-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func `openssl accepts what it issues, and sees the name alone`() async throws {
        try await with { folder in
            let now = Instant(Date())
            let authority = try LocalAuthority(folder: folder, now: now)
            let host = try DomainName("MTA-STS.example.com")
            let material = try await authority.issue(CertificateRequest(names: [host], now: now), at: .bare)
            try Data(material.chain.utf8).write(to: URL(fileURLWithPath: folder + "/leaf.pem"))
            let verify = try await openssl([
                "verify", "-CAfile", folder + "/ca.pem", "-purpose", "sslserver", "-verify_hostname",
                "mta-sts.example.com", folder + "/leaf.pem",
            ])
            #expect(verify.contains(": OK"), "\(verify)")
            let text = try await openssl(["x509", "-in", folder + "/leaf.pem", "-noout", "-text"])
            #expect(text.contains("DNS:mta-sts.example.com"))
            #expect(text.contains("TLS Web Server Authentication"))
            #expect(!text.contains("CN = mta-sts"))
            #expect(material.facts.names == ["mta-sts.example.com"])
            #expect(
                CertificateDiff.usualDue(for: material.facts) - material.facts.notBefore
                    == (material.facts.notAfter - material.facts.notBefore) / 3 * 2)
        }
    }

    @Test func `its key lies under the seal, and another secret is told as such`() async throws {
        try await with { folder in
            func seal(_ seed: UInt8) throws -> Seal {
                let octets = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) &+ seed }
                return Seal(current: try SealKey(Redacted(Data(octets).base64EncodedString()), from: "env:SEAL"))
            }
            let now = Instant(Date())
            let root = try LocalAuthority(folder: folder, now: now, seal: try seal(1)).rootPEM
            #expect(try String(contentsOfFile: folder + "/ca.key", encoding: .utf8).hasPrefix("CERTADNS-SEALED 1 "))
            #expect(try LocalAuthority(folder: folder, now: now, seal: try seal(1)).rootPEM == root)
            let error = #expect(throws: Failure.self) {
                try LocalAuthority(folder: folder, now: now, seal: try seal(2))
            }
            #expect(error?.detail.contains("sealed under another key") == true)
            #expect(error?.detail.contains("remove") == false, "nobody shall throw away a CA for want of a secret")
            #expect(throws: Failure.self) { try LocalAuthority(folder: folder, now: now) }
        }
    }

    @Test func `its key is the owner's alone, and two that race end with one CA`() async throws {
        try await with { folder in
            let roots = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try LocalAuthority(folder: folder, now: Instant(Date())).rootPEM } }
                var roots: Set<String> = []
                for try await root in group { roots.insert(root) }
                return roots
            }
            #expect(roots.count == 1)
            #expect(try String(contentsOfFile: folder + "/ca.pem", encoding: .utf8) == roots.first)
            #expect(
                try FileManager.default.attributesOfItem(atPath: folder + "/ca.key")[.posixPermissions] as? Int == 0o600
            )
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["ca.key", "ca.pem"])
        }
    }

    @Test func `no leaf outlives its root, and an ended root says so`() async throws {
        try await with { folder in
            let day = 86_400
            let made = Instant(Date())
            let authority = try LocalAuthority(folder: folder, now: made)
            let names = [try DomainName("mta-sts.example.com")]
            let late = CertificateRequest(names: names, now: made + 3_640 * day)
            let facts = try await authority.issue(late, at: .bare).facts
            #expect(facts.notAfter == made + 3_650 * day)
            await #expect {
                let gone = CertificateRequest(names: names, now: made + 3_651 * day)
                _ = try await authority.issue(gone, at: .bare)
            } throws: { error in
                (error as? Failure)?.detail.contains("remove ca.pem and ca.key") == true
            }
            await #expect(throws: Failure.self) {
                _ = try await authority.issue(CertificateRequest(names: [], now: made), at: .bare)
            }
            #expect(
                try FileManager.default.attributesOfItem(atPath: folder + "/ca.pem")[.posixPermissions] as? Int == 0o644
            )
        }
    }

    private func openssl(_ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
