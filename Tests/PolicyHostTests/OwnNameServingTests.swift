import DNS
import Foundation
import HostSupport
import MTASTS
import Planning
import PolicyHost
import Testing

/// Names of serve itself on the policy host's listener: let in by SNI with their certificate, and without a policy.
@Suite struct OwnNameServingTests {
    @Test func `a name of serve is shown its certificate, and has no policy`() async throws {
        let own = try DomainName("reports.example")
        try await HostLab.with(ownNames: [own]) { lab in
            let facts = try await HostLab.certify(host: own, by: lab.authority, in: lab.store)
            #expect(try await lab.fingerprint("reports.example") == facts.fingerprint)
            let answer = try await lab.curl(name: "reports.example")
            #expect(answer.output.hasPrefix("HTTP/1.1 404 Not Found\r\n"), "\(answer.errors)")
            // A mail domain of that name has its policy under its own host, and that alone.
            try await HostLab.certify("reports.example", by: lab.authority, in: lab.store)
            lab.store.put(try HostLab.published(HostLab.body), for: own)
            #expect(try await lab.curl(name: "mta-sts.reports.example").output.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try await lab.curl(name: "reports.example").output.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            let other = try await lab.curl("-H", "Host: mta-sts.reports.example", name: "reports.example")
            #expect(other.output.hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
        }
    }

    @Test func `a name that is none of serve's is refused, whatever the store holds`() async throws {
        let own = try DomainName("reports.example")
        try await HostLab.with(ownNames: [try DomainName("lmtp.example")]) { lab in
            try await HostLab.certify(host: own, by: lab.authority, in: lab.store)
            let refused = try await lab.curl(name: "reports.example")
            #expect(refused.status != 0)
            #expect(refused.errors.contains("unrecognized name"))
            // Nor is one of serve's let in before it has a certificate.
            #expect(try await lab.curl(name: "lmtp.example").status != 0)
        }
    }
}
