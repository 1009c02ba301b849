import DNS
import Doubles
import Planning
import Ports
import RemoteState
import Storage
import Synchronization
import Testing

/// Certificates that `serve` has issued for runs elsewhere.
@Suite(.serialized) struct RemoteIssuanceTests {
    private static let zone = (try? DomainName("example.com")) ?? .root
    private static let host = (try? DomainName("mta-sts.example.com")) ?? .root

    /// Does what it is told; counts how often it was asked.
    private final class Script: LeasedCertifier {
        private let result: Result<CertificateFacts, Failure>?
        private let asked = Mutex(0)
        var count: Int { asked.withLock { $0 } }

        /// Without a result it never ends by itself.
        init(_ result: Result<CertificateFacts, Failure>?) { self.result = result }

        func certify(_ zone: DesiredZone, under lease: Lease) async throws(Failure) -> CertificateFacts {
            asked.withLock { $0 += 1 }
            guard let result else {
                while !Task.isCancelled { await Task.yield() }
                throw Failure(.cancelled, "told to stop")
            }
            return try result.get()
        }
    }

    /// What comes of one issuance by a run that holds the zone's lease.
    private func issue(_ script: Script, waiting seconds: Int = 0) async throws -> (Failure?, CertificateFacts?) {
        let outcome = Mutex<(Failure?, CertificateFacts?)>((nil, nil))
        try await RemoteLab.with(certifier: script) { lab in
            let remote = lab.remote(try await lab.token(.apply, named: "ci"))
            let lease = try await remote.acquire(Self.zone, by: RemoteLab.owner, for: 120)
            let issuer = RemoteIssuer(remote, name: "ca", zone: RemoteLab.desired(Self.zone))
            let desk = IssuanceDesk.bare { lab.clock.advance(seconds) }
            do {
                let request = CertificateRequest(names: [Self.host], now: lab.clock.now)
                let facts = try await issuer.issue(request, at: desk).facts
                outcome.withLock { $0 = (nil, facts) }
            } catch {
                outcome.withLock { $0 = (error as? Failure, nil) }
            }
            // Whatever came of it, the lease is the run's to give back, and the next may have the zone.
            try await remote.release(lease)
            #expect(try await lab.store.acquire(Self.zone, by: RemoteLab.owner, for: 9).fencing == lease.fencing + 1)
        }
        return outcome.withLock { $0 }
    }

    @Test func `a wait that the CA asks for reaches the run with its length, and the lease is free`() async throws {
        let script = Script(.failure(Failure(.limited, retryAfter: 5_400, "it asks to wait")))
        let failure = try await issue(script).0
        #expect(failure?.kind == .limited)
        #expect(failure?.retryAfter == 5_400)
        #expect(script.count == 1)
    }

    @Test func `a CA that takes longer than the run may wait leaves the zone held, and the lease is free`() async throws
    {
        let script = Script(nil)
        let failure = try await issue(script, waiting: 301).0
        #expect(failure?.kind == .unfinished)
        #expect(failure?.retryAfter == RemoteIssuer.patience)
        #expect(failure?.detail.contains("'certadns serve' keeps the order") == true)
        #expect(script.count == 1, "one job, however often it was asked about")
    }

    @Test func `what was issued is known by its facts alone`() async throws {
        let facts = CertificateFacts(
            names: ["\(Self.host)"], notBefore: Instant(seconds: 1), notAfter: Instant(seconds: 2), issuer: "ca",
            fingerprint: "f")
        #expect(try await issue(Script(.success(facts))).1 == facts)
    }
}
