import DNS
import MTASTS
import Planning
import Ports

/// Performs one step on the world and reads it back. One arm a kind of effect; knows nothing of order or ledger.
struct StepExecutor: Sendable {
    let zone: DomainName
    let readers: ZoneReaders
    let writers: ZoneWriters
    let now: Instant

    /// Checks what the step requires; throws a retryable failure while that is not seen.
    func require(_ requirement: Step.Requirement?) async throws(Failure) {
        guard case .policyServed(let body, let host)? = requirement else { return }
        let addresses: [IPAddress?] = readers.probesFixedPlace ? [nil] : try await addresses(of: host)
        for look in await Observer(readers).look(zone, at: addresses) { try judge(look, body: body) }
    }

    /// Every address that must serve. Aliases are asked anew each time: what appears between two tries shall be seen.
    private func addresses(of host: Step.ServingHost) async throws(Failure) -> [IPAddress] {
        let name: DomainName
        let found: Observation<[IPAddress]>
        switch host {
        case .addresses(let addresses): return addresses
        case .target(let target):
            name = target
            found = await Observer(readers.askingAnew).resolved(target)
        case .current:
            name = WellKnown.hostName(zone)
            var live = LiveZone(zone: zone)
            live.records = await readers.dns.read(Owned.keys(of: zone, resource: .policyHost))
            found = await Observer(readers.askingAnew).addresses(of: zone, records: live)
        }
        switch found {
        case .value(let addresses): return addresses
        case .absent:
            throw Failure(.missing, retryable: true, "\(name) has no address yet, so nobody can fetch the policy there")
        case .unknown(let unknown):
            throw Failure(.unreachable, retryable: true, "the addresses of \(name) are unknown: \(unknown.reason)")
        }
    }

    private func judge(_ look: PolicyLook, body: String) throws(Failure) {
        switch look.answer {
        case .served(body): return
        case .served:
            throw Failure(
                .missing, retryable: true,
                "\(look.address) does not serve the new policy yet; its id is announced only once it does")
        case .notServed(let kind, let words):
            let action = HostAdvice.action(after: kind, isFolder: writers.delivery != nil).map { "; \($0)" } ?? ""
            throw Failure(
                .missing, retryable: true,
                "the policy can't be read back from \(look.address): \(words)\(action). Its id is announced only once it can"
            )
        case .unknown(let words):
            throw Failure(.unreachable, retryable: true, "the policy can't be read back from \(look.address): \(words)")
        }
    }

    /// Does it, and gives back the part of the publication that it left behind. Certificates are issued at `desk`.
    func perform(_ step: Step, at desk: IssuanceDesk) async throws(Failure) -> Publication {
        var left = Publication()
        switch step.effect {
        case .records(let change):
            try await writers.dns.write(change)
            switch step.resource {
            case .tlsRPTRecord: left.tlsRPT = change.writing
            case .policyHost: left.host = change.writing
            case .mtaSTSRecord: left.mtaSTS = change.writing
            case .certificate, .policy, .challenge, .delivery: break
            }
        case .certificate(let names, _):
            guard let host = names.first else {
                throw Failure(.rejected, "a certificate step without a name; plan again")
            }
            let replacing = try await writers.keys.chain(for: host)
            let material = try await writers.issuer.issue(
                CertificateRequest(names: names, now: now, replacing: replacing), at: desk)
            try await writers.keys.store(material, for: host)
            guard let held = try await writers.keys.certificate(for: host), held == material.facts else {
                throw Failure(
                    .storage, "the certificate of \(host) was stored, but does not read back; look at the state folder")
            }
            left.certificate = held
        case .policy(let body, _):
            try await writers.policies.put(body, for: zone)
            guard try await writers.policies.policy(for: zone) == body else {
                throw Failure(
                    .storage, "the policy of \(zone) was stored, but does not read back; look at the state folder")
            }
            left.policy = body
        case .delivery(let host): try await deliver(host)
        case .removal(let host): try await remove(step.resource, of: host)
        case .challenge(let proof):
            try await desk.challenges.withdraw(proof)
        }
        return left
    }

    private func remove(_ resource: Resource, of host: DomainName) async throws(Failure) {
        switch resource {
        case .policy: try await writers.policies.remove(for: zone)
        case .certificate: try await writers.keys.remove(certificateOf: host)
        case .delivery: try await writers.delivery?.takeBack(from: host)
        case .tlsRPTRecord, .policyHost, .mtaSTSRecord, .challenge:
            throw Failure(.rejected, "the \(resource.words) is not removed this way; plan again")
        }
    }

    private func deliver(_ host: DomainName) async throws(Failure) {
        guard let delivery = writers.delivery else {
            throw Failure(
                .configuration, "the policy host has no folder any more for its certificate; plan again")
        }
        guard let material = try await writers.keys.material(for: host) else {
            throw Failure(.missing, "there is no certificate of \(host) to give to the web server; plan again")
        }
        try await delivery.deliver(material, for: host)
        guard try await delivery.delivered(for: host)?.fingerprint == material.facts.fingerprint else {
            throw Failure(.storage, "the certificate of \(host) was given to the web server, but does not read back")
        }
    }
}
