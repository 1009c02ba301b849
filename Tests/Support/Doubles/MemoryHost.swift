package import DNS
package import Findings
import MTASTS
package import Planning
package import Ports
import Synchronization

/// Policy host, key store, issuer and probe in memory: what is put is served at once, if there is a certificate.
package final class MemoryHost: PolicyWriter, DeliveryWriter, KeyStore, CertificateIssuer, Probe {
    private struct State {
        var policies: [DomainName: PublishedBody] = [:]
        var materials: [DomainName: CertificateMaterial] = [:]
        var delivered: [DomainName: DeliveredCertificate] = [:]
        var pending: [DomainName: Redacted<String>] = [:]
        var isDown = false
        var silent: Set<IPAddress> = []
        var issued = 0
        var advice: Result<RenewalAdvice?, Failure> = .success(nil)
        var asked = 0
    }
    private let state = Mutex(State())
    private let faults: FaultPlan

    /// The issuer's name.
    package let name = "local"

    /// An empty host.
    package init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Certificates issued so far.
    package var issued: Int { state.withLock(\.issued) }

    /// What the CA says from now on of every certificate that it is asked about.
    package func advise(_ advice: Result<RenewalAdvice?, Failure>) { state.withLock { $0.advice = advice } }

    /// How often it was asked.
    package var asked: Int { state.withLock(\.asked) }

    package func advice(on chain: String) async throws(Failure) -> RenewalAdvice? {
        let answer = state.withLock { state in
            state.asked += 1
            return state.advice
        }
        return try answer.get()
    }

    /// Stops or starts the host.
    package func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    /// Stops or starts the host at one address.
    package func setSilent(_ isSilent: Bool, at address: IPAddress) {
        state.withLock { state in
            if isSilent { state.silent.insert(address) } else { state.silent.remove(address) }
        }
    }

    /// Whether the host is stopped at one address.
    package func isSilent(at address: IPAddress) -> Bool {
        state.withLock { $0.isDown || $0.silent.contains(address) }
    }

    /// The body that senders get at `address`, if any.
    package func served(_ zone: DomainName, at address: IPAddress) -> PublishedBody? {
        state.withLock { state in
            guard !state.isDown, !state.silent.contains(address), state.materials[WellKnown.hostName(zone)] != nil
            else {
                return nil
            }
            return state.policies[zone]
        }
    }

    /// What the host was given for `zone`.
    package func hosted(_ zone: DomainName) -> PublishedBody? { state.withLock { $0.policies[zone] } }

    /// Loses a certificate, as a disk or a person may.
    package func lose(certificateOf host: DomainName) { state.withLock { $0.materials[host] = nil } }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        state.withLock { $0.policies[zone] }
    }

    package func put(_ body: PublishedBody, for zone: DomainName) async throws(Failure) {
        try faults.run("put \(zone)") { () throws(Failure) in state.withLock { $0.policies[zone] = body } }
    }

    package func remove(for zone: DomainName) async throws(Failure) {
        try faults.run("remove \(zone)") { () throws(Failure) in state.withLock { $0.policies[zone] = nil } }
    }

    package func delivered(for host: DomainName) async throws(Failure) -> DeliveredCertificate? {
        state.withLock { $0.delivered[host] }
    }

    /// Somebody puts another key, or something else, beside what was given.
    package func spoilKey(of host: DomainName, _ fault: DeliveredCertificate.KeyFault) {
        state.withLock { $0.delivered[host]?.keyFault = fault }
    }

    package func deliver(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        try faults.run("deliver \(host)") { () throws(Failure) in
            state.withLock { $0.delivered[host] = DeliveredCertificate(material.facts) }
        }
    }

    package func takeBack(from host: DomainName) async throws(Failure) { state.withLock { $0.delivered[host] = nil } }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        state.withLock { $0.materials[host]?.facts }
    }

    package func chain(for host: DomainName) async throws(Failure) -> String? {
        state.withLock { $0.materials[host]?.chain }
    }

    package func storePending(_ key: Redacted<String>, for host: DomainName) async throws(Failure) {
        state.withLock { $0.pending[host] = key }
    }

    package func pendingKey(for host: DomainName) async throws(Failure) -> Redacted<String>? {
        state.withLock { $0.pending[host] }
    }

    package func dropPending(for host: DomainName) async throws(Failure) { state.withLock { $0.pending[host] = nil } }

    package func material(for host: DomainName) async throws(Failure) -> CertificateMaterial? {
        state.withLock { $0.materials[host] }
    }

    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        try faults.run("store \(host)") { () throws(Failure) in state.withLock { $0.materials[host] = material } }
    }

    package func remove(certificateOf host: DomainName) async throws(Failure) {
        try faults.run("remove \(host)") { () throws(Failure) in state.withLock { $0.materials[host] = nil } }
    }

    package func issue(
        _ request: CertificateRequest, at desk: IssuanceDesk
    ) async throws(Failure) -> CertificateMaterial {
        try faults.run("issue") { () throws(Failure) in
            let number = state.withLock { state in
                state.issued += 1
                return state.issued
            }
            let facts = CertificateFacts(
                names: request.names.map(\.description), notBefore: request.now, notAfter: request.now + 90 * 86_400,
                issuer: name, fingerprint: "\(number)")
            return CertificateMaterial(chain: "chain \(number)", key: Redacted("key \(number)"), facts: facts)
        }
    }

    package func policy(of zone: DomainName, at address: IPAddress?) async -> PolicyLook {
        let shown = address?.description ?? "fixed"
        return state.withLock { state in
            if state.isDown || address.map(state.silent.contains) ?? false {
                return PolicyLook(address: shown, answer: .notServed(.refused, "the connection is refused"))
            }
            guard let material = state.materials[WellKnown.hostName(zone)] else {
                return PolicyLook(address: shown, answer: .notServed(.handshake, "no certificate"))
            }
            let answer = state.policies[zone].map { PolicyLook.Answer.served($0.body) } ?? .notServed(.status, "404")
            return PolicyLook(address: shown, answer: answer, certificate: material.facts)
        }
    }
}
