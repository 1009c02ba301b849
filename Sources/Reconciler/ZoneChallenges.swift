import DNS
import Planning
import Ports

/// Proves control of a policy host's name through the zone's own provider or its own policy host.
///
/// What is published stands in the ledger first and until it was seen gone, so that no crash leaves it behind.
struct ZoneChallenges: ChallengeResponder {
    /// Whose names are the mail domain's own; a proof elsewhere lies where an alias leads.
    let host: DomainName
    let dns: any DNSWriter
    let resolver: any Resolver
    let proving: ProvingPorts
    let lease: HeldLease
    let note: @Sendable (String) -> AuditNote
    let pause: @Sendable (Int) async throws(Failure) -> Void

    var kinds: [ChallengeProof.Kind] { proving.kinds }

    /// Time to live of a proof, in seconds: it is looked at once.
    private static let ttl: UInt32 = 60

    func present(_ proof: ChallengeProof) async throws(Failure) {
        let placed = try await placed(proof)
        try await lease.renew()
        try await lease.record(.issuance(.presented(placed)), note("proves control by \(placed.place)"))
        switch placed {
        case .dns(let name, let value):
            let text = TextData(value)
            do throws(Failure) { try await writer(of: name).add(text, at: name, ttl: Self.ttl) } catch {
                throw aliasMissing(at: name, error)
            }
            try await waitUntilVisible(text, at: name)
        case .http(let host, let token, let content):
            try await tokens().put(content, to: token, at: host)
        }
    }

    func withdraw(_ proof: ChallengeProof) async throws(Failure) {
        let placed = try await placed(proof)
        try await lease.renew()
        switch placed {
        case .dns(let name, let value): try await writer(of: name).remove(TextData(value), at: name)
        case .http(let host, let token, _): try await tokens().remove(token, at: host)
        }
        try await lease.record(.issuance(.withdrawn(placed)), note("took away \(placed.place)"))
    }

    /// Where the CA will look: it follows an alias at `_acme-challenge` (ACME-16).
    private func placed(_ proof: ChallengeProof) async throws(Failure) -> ChallengeProof {
        guard case .dns(let name, let value) = proof else { return proof }
        switch await resolver.resolve(name, .cname) {
        case .value(let resolution):
            guard case .cname(let target)? = resolution.data.last else { return proof }
            return .dns(name: target, value: value)
        case .absent: return proof
        case .unknown(let unknown):
            throw Failure(
                .unreachable, retryable: unknown.passing,
                "whether \(name) is an alias for another zone can't be told: \(unknown.reason)")
        }
    }

    /// Who has the proofs of the zones lie in another one needs an alias in each: without it they go where only the zone's owner writes.
    private func aliasMissing(at name: DomainName, _ failure: Failure) -> Failure {
        guard proving.delegated != nil, name.parent == host else { return failure }
        return Failure(
            failure.kind, retryable: failure.retryable,
            failure.detail
                + ". The issuer has a 'challenge_provider', but no alias leads there from this name; add to the zone: \(name). 3600 IN CNAME NAME. (NAME: a name of your choice in the zone that 'challenge_provider' serves)"
        )
    }

    private func writer(of name: DomainName) -> any DNSWriter {
        name.parent == host ? dns : proving.delegated ?? dns
    }

    private func tokens() throws(Failure) -> any ChallengeTokens {
        guard let tokens = proving.tokens else {
            throw Failure(.configuration, "http-01 needs the policy host's store; use dns-01 here")
        }
        return tokens
    }

    private func waitUntilVisible(_ value: TextData, at name: DomainName) async throws(Failure) {
        guard let watcher = proving.watcher else { return }
        var waited = 0
        while true {
            let isOver = waited >= proving.wait * 1_000
            let look = await watcher.look(for: value, at: name, quorum: proving.quorum, isWhole: isOver)
            if look.isEnough(quorum: proving.quorum) { return }
            waited += look.spent
            // The last one is whole: its words name whoever keeps it.
            if look.isWhole, waited >= proving.wait * 1_000 { throw invisible(look, at: name) }
            let step = min(250 << min(waited / 2_000, 3), 2_000)
            try await pause(step)
            waited += step
        }
    }

    private func invisible(_ look: PropagationLook, at name: DomainName) -> Failure {
        let missed =
            proving.quorum.map { "is on \(look.showing.count) of the \($0) name servers that 'quorum' asks for" }
            ?? "is not on every name server"
        let parts = [
            look.lacking.isEmpty ? nil : "without it: \(look.lacking.joined(separator: ", "))",
            look.silent.isEmpty ? nil : "without an answer: \(look.silent.joined(separator: ", "))",
            look.showing.isEmpty ? nil : "with it: \(look.showing.joined(separator: ", "))",
        ]
        return Failure(
            .unfinished,
            "after \(proving.wait) s the proof at \(name) \(missed): \(parts.compactMap { $0 }.joined(separator: "; ")). "
                + "Mend those servers, or say under 'propagation' of the issuer whom to ask ('servers'), how many must show it ('quorum') and how long that may take ('wait')"
        )
    }
}
