package import DNS
package import Findings
import MTASTS
package import Planning
package import Ports
import StateAPI

/// Certificates of a remote store, as far as they travel: what is known of them. Keys stay where `certadns serve` runs.
package struct RemoteKeys: KeyStore {
    private let store: RemoteStore

    /// The certificates of a store.
    package init(_ store: RemoteStore) { self.store = store }

    private static let staying = Failure(
        .rejected, "private keys stay beside 'certadns serve' and never travel; do this where it runs")

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await store.certificate(for: host)
    }

    package func material(for host: DomainName) async throws(Failure) -> CertificateMaterial? { throw Self.staying }

    /// `serve` asks CAs about its certificates by itself.
    package func chain(for host: DomainName) async throws(Failure) -> String? { nil }

    /// What ``RemoteIssuer`` had issued lies in the store already, with its key.
    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        guard material.key.reveal().isEmpty else { throw Self.staying }
    }

    package func remove(certificateOf host: DomainName) async throws(Failure) {
        let zone = WellKnown.zone(ofHost: host) ?? CertificateOwner.ownName(host).key
        try await store.tell(.removeCertificate(lease: try store.lease(of: zone)))
    }

    package func storePending(_ key: Redacted<String>, for host: DomainName) async throws(Failure) {
        throw Self.staying
    }

    package func pendingKey(for host: DomainName) async throws(Failure) -> Redacted<String>? { nil }

    /// `serve` drops the keys that it made.
    package func dropPending(for host: DomainName) async throws(Failure) {}
}

/// Has certificates issued by `certadns serve`, with its own account and proofs, under the lease of this run.
package struct RemoteIssuer: CertificateIssuer {
    package let name: String
    private let store: RemoteStore
    private let zone: DesiredZone?

    /// Seconds that a run waits for one certificate.
    package static let patience = 600

    /// The issuer called `name`, for the host of `zone`.
    package init(_ store: RemoteStore, name: String, zone: DesiredZone?) {
        self.store = store
        self.name = name
        self.zone = zone
    }

    package func issue(_ request: CertificateRequest, at desk: IssuanceDesk) async throws(Failure)
        -> CertificateMaterial
    {
        guard let zone else {
            throw Failure(.rejected, "nobody here knows what the zone wants; run 'certadns apply' with its manifest")
        }
        let begun = try await store.now()
        while true {
            // Renewed while it is waited for: what serve writes it writes under this run's lease.
            let lease = try await store.renew(try store.lease(of: zone.zone), for: Self.lease)
            switch try await store.link.tell(.certify(zone: zone, lease: lease)) {
            case .certificate(let facts?):
                return CertificateMaterial(chain: "", key: Redacted(""), facts: facts)
            case .pending: break
            default: throw .strange(store.link.place)
            }
            guard try await store.now() - begun < Self.patience else {
                throw Failure(
                    .unfinished, retryAfter: Self.patience,
                    "the CA did not issue the certificate within \(Self.patience / 60) minutes; 'certadns serve' keeps the order, and the next run goes on with it"
                )
            }
            try await desk.pause(500)
        }
    }

    /// Seconds of lease with which one question begins: it waits for ten at most.
    private static let lease = 120
}
