import DNS
import Findings
import Logging
import Manifests
import Planning
import Ports
import Reconciler
import RemoteState
import StateAPI
import Storage

/// The state API on both of its sides.
extension Wiring {
    /// What `serve` answers at its own names.
    func stateService(_ store: any StateStore, logger: Logger) -> StateService {
        let run = ApplyRun(commit: nil, isStopping: { false }, tell: { _ in })
        let certifier = ServeCertifier(wiring: self, store: store, run: run)
        return StateService(
            keeper: store, tokens: store, certifier: certifier, log: { words in logger.warning("\(words)") })
    }

    /// The remote store that the configuration names; `nil` where the state is a folder.
    func remote() throws(Failure) -> RemoteStore? {
        guard let choice = configuration.remoteState else { return nil }
        let text = try Secrets.text(choice.token, folder: folder, of: "the token of 'state'")
        guard let token = BearerToken(text.reveal()) else {
            throw Failure(
                .configuration,
                "\(choice.token) holds no token; put there what 'certadns token create' printed beside serve")
        }
        let http = try HTTPClients.client(
            trusting: choice.trustFiles, system: choice.trustsSystem, folder: folder, of: choice.url,
            key: "'state: trust'")
        return RemoteStore(RemotePlace(url: choice.url, token: token.text, owner: .thisProcess()), over: http)
    }

    /// The wishes that are this run's: over a remote store the names of `serve` are listed in serve's own configuration, and let go by it
    /// alone. Nor does a public ledger know them.
    func ours(_ wishes: [ZoneWish]) -> [ZoneWish] {
        configuration.remoteState == nil && !readsPublic ? wishes : wishes.filter { !$0.owner.isOwnName }
    }

    /// What changing a zone over a remote store needs: keys, account and proofs stay beside `serve`.
    func remoteWriters(_ store: RemoteStore, dns: any DNSWriter, of zone: DesiredZone?) -> ZoneWriters {
        ZoneWriters(
            dns: dns, policies: store, keys: RemoteKeys(store),
            issuer: RemoteIssuer(store, name: configuration.issuer.name, zone: zone))
    }
}

/// Issues for runs elsewhere what `serve` issues for itself: with its account, its providers and its proofs.
private struct ServeCertifier: LeasedCertifier {
    let wiring: Wiring
    let store: any StateStore
    let run: ApplyRun

    func certify(_ zone: DesiredZone, under lease: Lease) async throws(Failure) -> CertificateFacts {
        let wiring = wiring.afresh()
        let wish = ZoneWish(zone: zone.zone, wish: .desired(zone), digest: "")
        let ledger = try await store.ledger(of: zone.zone)
        let dns = wiring.renewalDNS(wish, ledger)
        return try await LeasedIssuance(store: store, run: run).certify(
            wish, under: lease, readers: wiring.readers(store, dns: dns, of: zone, settles: true),
            writers: try wiring.writers(store, dns: dns, of: zone))
    }
}
