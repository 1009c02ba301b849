import DNS
import Doubles
import Findings
import Foundation
import LocalCA
import MTASTS
import Planning
import Ports
import Providers
import Testing

/// A web server with a key that is not its certificate's ends every handshake: what lies there is looked into, never passed on.
@Suite struct PolicyFolderKeyTests {
    @Test(arguments: DeliveredCertificate.KeyFault.allCases)
    func `a key that is not the certificate's is seen, and another delivery mends it`(
        fault: DeliveredCertificate.KeyFault
    ) async throws {
        let root = NSTemporaryDirectory() + "certadns-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let host = WellKnown.hostName(try DomainName("example.com"))
        let authority = try LocalAuthority(folder: root, now: Instant(Date()))
        let request = CertificateRequest(names: [host], now: Instant(Date()))
        let material = try await authority.issue(request, at: .bare)
        let another = try await authority.issue(request, at: .bare)
        let folder = PolicyFolder(root: root)
        try await folder.deliver(material, for: host)
        #expect(try await folder.delivered(for: host)?.keyFault == nil)
        let spoilt =
            switch fault {
            case .empty: "\n"
            case .unreadable: material.key.reveal().replacingOccurrences(of: "A", with: "!")
            case .foreign: another.key.reveal()
            }
        try spoilt.write(toFile: root + "/\(host)/privkey.pem", atomically: true, encoding: .utf8)
        let seen = try #require(await folder.delivered(for: host))
        #expect(seen.keyFault == fault && seen.fingerprint == nil)
        var shown = ""
        dump(seen, to: &shown)
        for line in spoilt.split(separator: "\n") { #expect(!shown.contains(line)) }
        try await folder.deliver(material, for: host)
        #expect(try await folder.delivered(for: host)?.fingerprint == material.facts.fingerprint)
    }
}
