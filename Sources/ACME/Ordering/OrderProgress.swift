/// What to do next with an order. Pure: the whole of RFC 8555 §7.1.6 as far as a client must act on it.
enum OrderProgress: Hashable, Sendable {
    /// Prove control of the name of this authorisation (an index into the order's list).
    case prove(Int)
    /// Send the request for the certificate.
    case finalize
    /// The CA is at work: ask again.
    case wait
    /// Fetch the certificate there.
    case download(String)
    /// It is over, without a certificate.
    case failed(Problem)

    static func next(_ order: Order, _ authorizations: [Authorization]) -> OrderProgress {
        switch order.status {
        case .valid:
            return order.certificate.map { .download($0) }
                ?? .failed(Problem(detail: "the order is valid, but names no certificate"))
        case .invalid: return .failed(order.error ?? firstError(authorizations) ?? Problem(detail: "no reason given"))
        case .ready: return .finalize
        case .processing: return .wait
        case .pending:
            for (index, authorization) in authorizations.enumerated() {
                switch authorization.status {
                case .pending: return .prove(index)
                case .valid: continue
                case .invalid, .deactivated, .expired, .revoked:
                    return .failed(
                        firstError([authorization])
                            ?? Problem(
                                detail:
                                    "the authorization of \(authorization.identifier.value) is \(authorization.status)")
                    )
                }
            }
            // Every authorization is valid: the order follows (ACME-10).
            return .wait
        }
    }

    private static func firstError(_ authorizations: [Authorization]) -> Problem? {
        authorizations.lazy.flatMap(\.challenges).compactMap(\.error).first
    }
}
