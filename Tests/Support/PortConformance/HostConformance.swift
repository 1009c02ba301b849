package import DNS
import Findings
import MTASTS
import Planning
package import Ports
import Testing

/// What every policy host's store must do.
package enum HostConformance {
    /// Policies: absent, put, replaced, removed, removed again.
    package static func check(_ host: any PolicyWriter, zone: DomainName, other: DomainName) async throws {
        #expect(try await host.policy(for: zone) == nil)
        for counter in 1...2 {
            let body = PublishedBody(
                id: PolicyID.make(counter: counter, digest: [1, 2, 3, 4, 5, 6, 7, 8]),
                body: "version: STSv1\r\n\(counter)\r\n")
            try await host.put(body, for: zone)
            try await host.put(body, for: zone)
            #expect(try await host.policy(for: zone) == body)
            #expect(
                try await host.policy(for: try DomainName("\(zone)".uppercased())) == body,
                "names are compared without case")
        }
        #expect(try await host.policy(for: other) == nil)
        try await host.remove(for: zone)
        try await host.remove(for: zone)
        #expect(try await host.policy(for: zone) == nil)
    }

    /// What a web server of others was given: absent, given, given again, replaced, taken back. `materials` are two of `host`.
    package static func check(
        _ delivery: any DeliveryWriter, host: DomainName, other: DomainName, materials: [CertificateMaterial]
    ) async throws {
        #expect(try await delivery.delivered(for: host) == nil)
        for material in materials {
            for _ in 1...2 { try await delivery.deliver(material, for: host) }
            #expect(try await delivery.delivered(for: host)?.fingerprint == material.facts.fingerprint)
            let shouted = try DomainName("\(host)".uppercased())
            #expect(try await delivery.delivered(for: shouted)?.fingerprint == material.facts.fingerprint)
        }
        #expect(try await delivery.delivered(for: other) == nil)
        for _ in 1...2 { try await delivery.takeBack(from: host) }
        #expect(try await delivery.delivered(for: host) == nil)
    }

    /// Certificates: the newest chain with its own key.
    package static func check(_ keys: any KeyStore, host: DomainName) async throws {
        #expect(try await keys.material(for: host) == nil)
        for number in 1...2 {
            let facts = CertificateFacts(
                names: ["\(host)"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2), issuer: "local",
                fingerprint: "f\(number)")
            try await keys.store(
                CertificateMaterial(chain: "chain \(number)", key: Redacted("key \(number)"), facts: facts), for: host)
            let kept = try #require(await keys.material(for: host))
            #expect(kept.chain == "chain \(number)" && kept.key.reveal() == "key \(number)" && kept.facts == facts)
            #expect(try await keys.certificate(for: host) == facts)
        }
        for _ in 1...2 { try await keys.remove(certificateOf: host) }
        #expect(try await keys.material(for: host) == nil)
        #expect(try await keys.certificate(for: host) == nil)
    }
}
