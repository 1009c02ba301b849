import DNS
import DNSClient
import Planning
import Ports

/// Maps the DNS client's errors and RFC 2136's codes to the port's failures, each with its next action (DNS-9, DNS-16).
enum ClientFailure {
    static func read(_ error: DNSClientError, server: ServerAddress) -> Failure {
        failure(error, "the name server \(server): \(error)", server: server)
    }

    static func transfer(_ error: DNSClientError, zone: DomainName, server: ServerAddress) -> Failure {
        let advice =
            if case .refused = error { ": allow it there ('allow-transfer'), or leave 'read: transfer' away" } else {
                ""
            }
        return failure(
            error, "the transfer of \(zone) from the name server \(server): \(error)\(advice)", server: server)
    }

    static func write(_ error: DNSClientError, server: ServerAddress, key: TSIGKey?) -> Failure {
        failure(error, "the update at \(server): \(error)\(key.map { " [\($0)]" } ?? "")", server: server)
    }

    private static func failure(_ error: DNSClientError, _ words: String, server: ServerAddress) -> Failure {
        switch error {
        case .unreachable: Failure(.unreachable, retryable: true, "\(words); \(away)")
        case .timedOut, .closed: Failure(.timedOut, retryable: true, "\(words); \(away)")
        case .truncated: Failure(.timedOut, retryable: true, "\(words); let TCP through to it")
        case .malformed, .brokenTransfer: Failure(.malformed, words)
        case .signature: Failure(.unauthorized, words)
        case .refused(let code): Failure(.rejected, retryable: code == .servFail, words)
        }
    }

    /// What to do about a server that is not there for us.
    private static let away = "look whether it runs, and whether this machine reaches it"

    static func update(_ code: ResponseCode, change: RecordChange, server: ServerAddress, key: TSIGKey?) -> Failure {
        switch code {
        case _ where code.isUnmetPrerequisite:
            Failure(
                .conflict,
                "what stands at \(change.owner) is no longer what the plan saw (\(code)): someone changed it meanwhile; plan again"
            )
        case .refused:
            Failure(
                .unauthorized, retryable: true,
                "the name server \(server) refuses the update of \(change.owner) (REFUSED): allow it for \(key.map { "\($0)" } ?? "this client") in 'allow-update' or 'update-policy', or thaw the zone where it is frozen ('rndc thaw')"
            )
        case .notAuth:
            Failure(
                .unauthorized,
                "the name server \(server) says NOTAUTH: it is no primary of the zone, or does not accept \(key.map { "\($0)" } ?? "unsigned updates")"
            )
        case .servFail:
            Failure(.rejected, retryable: true, "the name server \(server) failed (SERVFAIL); look at its log")
        case .notImp:
            Failure(
                .rejected, "the name server \(server) takes no updates (NOTIMP): name the zone's primary as 'server'")
        case .notZone, .formErr:
            Failure(
                .rejected,
                "the name server \(server) says \(code) to the update of \(change.owner); this is a defect of CertaDNS")
        default:
            Failure(.rejected, "the name server \(server) answered \(code) to the update of \(change.owner)")
        }
    }
}
