import Certificates
import DNS
import Findings
import Foundation
import Planning
import Ports

/// Follows one order from wherever it stands to its certificate: a new one, or one that an earlier run left open.
struct OrderRun: Sendable {
    let session: ACMESession
    let account: ACMEAccount
    let issuer: String
    let options: ACMEIssuer.Options
    let desk: IssuanceDesk
    /// Lower-case A-labels.
    let names: [String]
    let request: CertificateRequest

    func certificate() async throws(Failure) -> CertificateMaterial {
        let (open, key, first) = try await placed()
        var placed = first
        var waited = 0
        var memory = OrderMemory()
        while true {
            let authorizations = try await authorizations(of: placed.order)
            switch memory.instead(of: OrderProgress.next(placed.order, authorizations), after: waited) {
            case .prove(let index):
                try await prove(authorizations[index], placed.order.authorizations[index], of: open)
                memory.proved(index)
                placed = try await look(placed.url)
            case .finalize:
                let taken: PlacedOrder?
                do throws(Failure) { taken = try await finalize(placed, key) } catch {
                    // Its key is refused, and an order has but one: the next try is another order, with a key as it is wanted then.
                    throw error.kind == .rejected ? try await ended(open, by: error) : error
                }
                memory.finalized(isTaken: taken != nil, after: waited)
                if let taken { placed = taken } else { placed = try await look(placed.url) }
            case .wait:
                waited += try await Poll(what: "order", patience: options.patience)
                    .pause(at: desk, after: waited, asked: placed.retryAfter)
                placed = try await look(placed.url)
            case .download(let url): return try await download(url, key, of: open)
            case .failed(let problem):
                throw try await ended(open, by: ACMEError.orderFailed(problem).failure)
            }
        }
    }

    /// The order left open, if the CA still has it; else a new one. A key is kept with it before anything is proven.
    private func placed() async throws(Failure) -> (OpenOrder, CertificateKey, PlacedOrder) {
        if let (open, pem) = try await desk.journal.openOrder(), open.issuer == issuer, open.names == request.names,
            let key = try? CertificateKey(pem: pem)
        {
            do throws(ACMEError) {
                let found = try await session.look(at: open.url, by: account)
                if found.order.status != .invalid { return (open, key, found) }
            } catch {
                // An order that the CA no longer has, or that an earlier account placed, is over; one that can't be asked about is not.
                guard error.isGone || error.isOfAnotherAccount else { throw error.failure }
            }
            try await desk.journal.abandoned(open)
        }
        let key: CertificateKey
        let replaces: String?
        let held = options.reusesKey ? try await desk.journal.heldKey() : nil
        do {
            key =
                try held.flatMap { try? CertificateKey(pem: $0, of: options.keyType) }
                ?? CertificateKey(options.keyType)
            replaces = try request.replacing.flatMap { try RenewalID.of(pem: $0) }
        } catch {
            throw ACMEError.unmakeable("\(error)").failure
        }
        try await desk.journal.beginning(request)
        let placed: PlacedOrder
        do throws(ACMEError) {
            placed = try await session.order(names, profile: options.profile, replaces: replaces, by: account)
        } catch {
            try await desk.journal.unplaced(error.failure, forAll: error.concernsAccount(apartFrom: names))
            throw error.failure
        }
        let open = OpenOrder(url: placed.url, issuer: issuer, names: request.names, since: request.now)
        try await desk.journal.began(open, key: key.pem)
        return (open, key, placed)
    }

    /// Gives an order up. Whatever the cause, the next one would meet it again: only what is `.rejected` waits before it is tried anew.
    private func ended(_ open: OpenOrder, by failure: Failure) async throws(Failure) -> Failure {
        try await desk.journal.abandoned(open)
        return Failure(.rejected, failure.detail)
    }

    private func authorizations(of order: Order) async throws(Failure) -> [Authorization] {
        guard order.status == .pending || order.status == .invalid else { return [] }
        var found: [Authorization] = []
        for url in order.authorizations.prefix(100) {
            found.append(
                try await acme { () async throws(ACMEError) in
                    try await session.authorization(at: url, by: account).authorization
                })
        }
        return found
    }

    /// Publishes the proof, tells the CA, follows what it says, and takes the proof away whatever it said.
    private func prove(_ authorization: Authorization, _ url: String, of open: OpenOrder) async throws(Failure) {
        let name = authorization.identifier.value
        guard let (challenge, proof) = proof(for: authorization) else {
            throw try await ended(
                open, by: ACMEError.noChallenge(name: name, offered: authorization.challenges.map(\.type)).failure)
        }
        var failure: Failure?
        var isOver = false
        do throws(Failure) {
            try await desk.challenges.present(proof)
            do throws(Failure) { try await validate(challenge, url, name) } catch {
                // The CA's no is final (RFC 8555 §7.1.6): the next try is another order. Nobody else's is: it costs no order that a
                // name server takes no proof just now.
                isOver = error.kind == .rejected || error.kind == .configuration
                throw error
            }
        } catch {
            failure = error
        }
        // Told to stop or refused, the proof goes all the same. Where it can't, the ledger keeps it for whoever tidies up, and the order
        // goes on: the CA has looked. Not so where the zone is no longer ours.
        do throws(Failure) { try await desk.challenges.withdraw(proof) } catch {
            if [.cancelled, .conflict, .storage, .busy].contains(error.kind) { failure = failure ?? error }
        }
        if let failure { throw isOver ? try await ended(open, by: failure) : failure }
    }

    private func validate(_ challenge: Challenge, _ url: String, _ name: String) async throws(Failure) {
        let validation = Validation(session: session, account: account, desk: desk, patience: options.patience)
        if challenge.status == "pending" { try await validation.begin(challenge, of: url) }
        try await validation.follow(url, name)
    }

    private func proof(for authorization: Authorization) -> (Challenge, ChallengeProof)? {
        let name = authorization.identifier.value
        for kind in desk.challenges.kinds {
            guard let challenge = authorization.challenges.first(where: { $0.type == kind.rawValue }),
                let token = challenge.checkedToken, let host = try? DomainName(name)
            else { continue }
            let content = account.key.authorization(of: token)
            switch kind {
            case .http01: return (challenge, .http(host: host, token: token, content: content))
            case .dns01:
                guard let owner = try? host.prepending("_acme-challenge") else { continue }
                return (challenge, .dns(name: owner, value: DNS01.value(of: content)))
            }
        }
        return nil
    }

    /// The order after the request for its certificate; `nil` where the CA says that it is not ready for one.
    private func finalize(_ placed: PlacedOrder, _ key: CertificateKey) async throws(Failure) -> PlacedOrder? {
        let csr: [UInt8]
        do { csr = try key.request(for: names) } catch { throw ACMEError.unmakeable("\(error)").failure }
        do throws(ACMEError) { return try await session.finalize(placed, csr: csr, by: account) } catch {
            // It may have moved on already, by a request whose answer was lost: its state tells (ACME-10).
            guard case .refused(let problem, _, _) = error, problem.kind == .orderNotReady else { throw error.failure }
            return nil
        }
    }

    private func download(
        _ url: String, _ key: CertificateKey, of open: OpenOrder
    ) async throws(Failure) -> CertificateMaterial {
        do throws(ACMEError) {
            let pems = try await session.download(url, alternates: options.preferredChain != nil, by: account)
            var chains: [IssuedChain] = []
            for pem in pems { chains.append(try IssuedChain(pem: pem)) }
            guard let chain = IssuedChain.choose(chains, preferring: options.preferredChain) else {
                throw .wrongCertificate("there is no chain")
            }
            if let wanted = options.preferredChain, !chain.leads(to: wanted) {
                let roots = chains.compactMap(\.root).map { "'\($0)'" }.joined(separator: ", ")
                desk.tell(
                    "the CA offers no chain to '\(wanted)', so its usual one is taken; it offers \(roots). Change 'preferred_chain' of the issuer"
                )
            }
            try chain.check(key: key, names: names, now: request.now)
            return CertificateMaterial(chain: chain.pem, key: key.pem, facts: try chain.facts(issuer: issuer))
        } catch {
            // What came of this order stays what it is: expired since, or for others.
            if case .wrongCertificate = error { throw try await ended(open, by: error.failure) }
            throw error.failure
        }
    }

    private func look(_ url: String) async throws(Failure) -> PlacedOrder {
        do throws(ACMEError) { return try await session.look(at: url, by: account) } catch { throw error.failure }
    }

    private func acme<Value>(_ body: () async throws(ACMEError) -> Value) async throws(Failure) -> Value {
        do throws(ACMEError) { return try await body() } catch { throw error.failure }
    }
}

extension ACMEError {
    /// Whether the CA told the whole account to wait, not only for these names: a limit that it explains by one of them, by a domain
    /// above it, or by a set of them, is no word to others.
    func concernsAccount(apartFrom names: [String]) -> Bool {
        switch self {
        case .unexpected(let status, _, _): return status == 429 || status == 503
        case .refused(let problem, _, _):
            guard problem.isBusy else { return false }
            let detail = (problem.detail ?? "").lowercased()
            let domains = names.flatMap { name in
                let labels = name.split(separator: ".")
                return (2...max(2, labels.count)).map { labels.suffix($0).joined(separator: ".") }
            }
            return problem.subproblems?.contains { $0.identifier != nil } != true
                && !domains.contains(where: detail.contains) && !detail.contains("exact set")
        default: return false
        }
    }

    /// Whether the CA positively has no such thing any more.
    var isGone: Bool {
        switch self {
        case .refused(let problem, _, _): problem.status == 404 || problem.status == 410 || problem.kind == .malformed
        case .unexpected(let status, _, _): status == 404 || status == 410
        default: false
        }
    }
}
