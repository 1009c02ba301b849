import DNS
import Findings
import MTASTS
import Planning
import PortConformance
import Ports
import RemoteState
import Storage
import Testing

/// The remote store is held to what every store is held to, over TLS on loopback against the listener of `serve`.
@Suite(.serialized) struct RemoteConformanceTests {
    private static let zones = (0..<4).compactMap { try? DomainName("z\($0).example.com") }

    @Test func `the remote store does what a ledger must`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            try await LedgerConformance.check(remote, zone: try DomainName("example.com"))
        }
    }

    @Test func `leases are ended by force over the wire as beside the store`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            try await LeaseBreakerConformance.check(remote, zone: try DomainName("example.com"))
        }
    }

    @Test(arguments: 0..<8)
    func `random events read back over the wire as the pure reducer gives them`(seed: UInt64) async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            try await LedgerConformance.checkEvents(remote, zone: try DomainName("example.com"), seed: seed)
        }
    }

    @Test func `the remote store keeps budgets as it must`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            try await BudgetConformance.check(remote, zones: Self.zones)
        }
    }

    @Test(arguments: 0..<4)
    func `random dealings read back over the wire as the pure book has them`(seed: UInt64) async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            try await BudgetConformance.checkEvents(
                remote, zones: Self.zones, seed: seed, advance: { lab.clock.advance($0) })
        }
    }

    @Test func `policies are kept as the port wants it, under the lease that the run holds`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            let (zone, other) = (try DomainName("example.com"), try DomainName("example.org"))
            let lease = try await remote.acquire(zone, by: RemoteLab.owner, for: 100)
            try await HostConformance.check(remote, zone: zone, other: other)
            try await remote.release(lease)
            await #expect { try await remote.remove(for: zone) } throws: { ($0 as? Failure)?.kind == .conflict }
        }
    }

    @Test func `more ledgers than one answer holds come whole and sorted`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            let names = try (0..<250).map { try DomainName("n\($0).example") }
            for name in names {
                let lease = try await lab.store.acquire(name, by: RemoteLab.owner, for: 100)
                try await lab.store.record(
                    .mxSeen([name]), under: lease, audit: AuditNote(commit: nil, digest: nil, what: ""))
            }
            #expect(try await remote.ledgers().map(\.zone) == names.sorted())
            #expect(try await remote.ledgers() == lab.store.ledgers())
        }
    }

    @Test func `keys never travel`() async throws {
        try await RemoteLab.with { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            let host = try DomainName("mta-sts.example.com")
            let now = lab.clock.now
            let facts = CertificateFacts(
                names: ["\(host)"], notBefore: now, notAfter: now + 9, issuer: "ca", fingerprint: "f")
            try await lab.store.store(
                CertificateMaterial(chain: "chain", key: Redacted("the key"), facts: facts), for: host)
            let keys = RemoteKeys(remote)
            #expect(try await keys.certificate(for: host) == facts)
            await #expect { _ = try await keys.material(for: host) } throws: { ($0 as? Failure)?.kind == .rejected }
            await #expect {
                try await keys.store(
                    CertificateMaterial(chain: "", key: Redacted("another"), facts: facts), for: host)
            } throws: { ($0 as? Failure)?.kind == .rejected }
        }
    }
}
