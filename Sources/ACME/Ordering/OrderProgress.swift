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

/// What a run did for its order already: a CA whose servers lag behind each other may show it as not done yet. Pure.
struct OrderMemory {
    private var proven: Set<Int> = []
    private var refusals = 0
    /// Milliseconds of waiting before which no request for the certificate is sent.
    private var finalizing = 0

    mutating func proved(_ index: Int) { proven.insert(index) }

    /// The CA took the request for the certificate, or said that the order was not ready for one. What was taken is never sent again in
    /// this run; what was refused by a server that lags is, ever more seldom.
    mutating func finalized(isTaken: Bool, after waited: Int) {
        refusals += 1
        finalizing = isTaken ? .max : waited + 1_000 << min(refusals, 10)
    }

    /// What is done instead of `next` after so many milliseconds of waiting: nothing twice.
    func instead(of next: OrderProgress, after waited: Int) -> OrderProgress {
        switch next {
        case .prove(let index) where proven.contains(index): .wait
        case .finalize where waited < finalizing: .wait
        default: next
        }
    }
}
