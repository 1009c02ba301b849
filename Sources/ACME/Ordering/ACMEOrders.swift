import Foundation

/// An order with the URL that the CA gave it.
struct PlacedOrder: Sendable {
    let url: String
    var order: Order
    /// Seconds that the CA asked to wait before the next look.
    var retryAfter: Int?
}

extension ACMESession {
    private struct NewOrder: Encodable, Sendable {
        var identifiers: [Identifier]
        var profile: String?
        var replaces: String?
    }

    /// Orders a certificate for `names` (RFC 8555 §7.4), under a profile, and as the successor of another one (RFC 9773 §5).
    func order(
        _ names: [String], profile: String?, replaces: String?, by account: ACMEAccount
    ) async throws(ACMEError) -> PlacedOrder {
        let directory = try await directory()
        if let profile, directory.meta?.profiles?[profile] == nil {
            let known = (directory.meta?.profiles ?? [:]).keys.sorted().joined(separator: ", ")
            throw .notOffered(
                "the profile '\(profile)'; \(known.isEmpty ? "it has none" : "it has \(known)"). Change 'profile' of the issuer"
            )
        }
        let request = NewOrder(
            identifiers: names.map(Identifier.dns), profile: profile,
            replaces: directory.renewalInfo == nil ? nil : replaces)
        do throws(ACMEError) { return try await place(request, directory.newOrder, account) } catch {
            // Renewed already, unknown to the CA, or another account's: an order all the same, not as its successor (ACME-23).
            guard request.replaces != nil, error.mayConcernPredecessor else { throw error }
            return try await place(
                NewOrder(identifiers: request.identifiers, profile: profile), directory.newOrder, account)
        }
    }

    private func place(
        _ request: NewOrder, _ url: String, _ account: ACMEAccount
    ) async throws(ACMEError) -> PlacedOrder {
        let answer = try await post(url, request, by: account.key, as: .account(account.url))
        guard let location = answer.location else { throw .malformed(url: url, "it names no order (Location)") }
        return PlacedOrder(url: location, order: try answer.decode(Order.self))
    }

    /// An order as it is now.
    func look(at url: String, by account: ACMEAccount) async throws(ACMEError) -> PlacedOrder {
        let answer = try await post(url, nil, by: account.key, as: .account(account.url))
        return PlacedOrder(url: url, order: try answer.decode(Order.self), retryAfter: retryAfter(answer))
    }

    /// An authorisation as it is now, and the seconds that the CA asks to wait.
    func authorization(
        at url: String, by account: ACMEAccount
    ) async throws(ACMEError) -> (authorization: Authorization, retryAfter: Int?) {
        let answer = try await post(url, nil, by: account.key, as: .account(account.url))
        return (try answer.decode(Authorization.self), retryAfter(answer))
    }

    private struct Nothing: Encodable, Sendable {}

    /// Tells the CA to look (RFC 8555 §7.5.1): the proof must be visible everywhere by now.
    func begin(_ challenge: Challenge, by account: ACMEAccount) async throws(ACMEError) {
        _ = try await post(challenge.url, Nothing(), by: account.key, as: .account(account.url))
    }

    /// Sends the request for the certificate (§7.4).
    func finalize(_ placed: PlacedOrder, csr: [UInt8], by account: ACMEAccount) async throws(ACMEError) -> PlacedOrder {
        let answer = try await post(
            placed.order.finalize, ["csr": Base64URL.encode(csr)], by: account.key, as: .account(account.url))
        return PlacedOrder(url: placed.url, order: try answer.decode(Order.self), retryAfter: retryAfter(answer))
    }

    /// The chain that the CA offers first, then the others (§7.4.2), each as PEM.
    func download(_ url: String, alternates: Bool, by account: ACMEAccount) async throws(ACMEError) -> [String] {
        let type = "application/pem-certificate-chain"
        let answer = try await post(url, nil, by: account.key, as: .account(account.url), accept: type)
        var chains = [String(decoding: answer.body, as: UTF8.self)]
        for other in alternates ? answer.alternates.prefix(8) : [] {
            let answer = try await post(other, nil, by: account.key, as: .account(account.url), accept: type)
            chains.append(String(decoding: answer.body, as: UTF8.self))
        }
        return chains
    }
}

extension ACMEError {
    /// Whether a refused order may pass if it names no predecessor. Other causes come back with the second answer.
    fileprivate var mayConcernPredecessor: Bool {
        guard case .refused(let problem, _, _) = self else { return false }
        switch problem.kind {
        case .alreadyReplaced, .malformed, .unauthorized: return true
        default: return problem.status == 404 || problem.status == 409
        }
    }
}
