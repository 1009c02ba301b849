package import Ports

extension ACMEError {
    /// The port's words for it: the one place that decides what may be tried again, and what a person must mend.
    package var failure: Failure {
        switch self {
        case .unreachable: Failure(.unreachable, retryable: true, "\(self)")
        case .timedOut: Failure(.timedOut, retryable: true, "\(self)")
        case .malformed, .wrongCertificate, .unmakeable: Failure(.malformed, "\(self)")
        case .unexpected(let status, _, let seconds):
            // Who is asked to wait, or finds the CA busy, does not try again in the same run; how long is the CA's word or our own, never
            // a guess in the CA's name.
            status == 429 || status == 503 || seconds != nil
                ? Failure(.limited, retryAfter: seconds, "\(self)")
                : Failure(.unreachable, retryable: status >= 500, "\(self)")
        case .unproven(_, let problem): Failure(.rejected, "\(self)\(problem.nextAction(isAboutProof: true))")
        case .orderFailed(let problem): Failure(.rejected, "\(self)\(problem.nextAction(isAboutProof: true))")
        case .notSecure, .noDirectory: Failure(.configuration, "\(self)")
        case .noChallenge:
            Failure(
                .configuration,
                "\(self); change 'challenge' where it is set (of the zone, its provider or the issuer), then run 'certadns retry'"
            )
        case .notOffered: Failure(.configuration, "\(self)")
        case .unfinished: Failure(.unfinished, "\(self)")
        case .putOff(_, let seconds): Failure(.limited, retryAfter: seconds, "\(self)")
        case .refused(let problem, _, let seconds) where problem.isBusy:
            Failure(.limited, retryAfter: seconds, "\(self)")
        case .refused(let problem, _, let seconds):
            switch problem.kind {
            case .serverInternal, .badNonce:
                seconds.map { Failure(.limited, retryAfter: $0, "\(self)") }
                    ?? Failure(.unreachable, retryable: true, "\(self)")
            case .accountDoesNotExist, .externalAccountRequired, .userActionRequired, .unauthorized, .invalidProfile,
                .unsupportedContact, .invalidContact, .badSignatureAlgorithm:
                Failure(.configuration, "\(self)\(problem.nextAction(isAboutProof: false))")
            case .orderNotReady, .malformed: Failure(.malformed, "\(self)")
            default: Failure(.rejected, "\(self)\(problem.nextAction(isAboutProof: false))")
            }
        }
    }
}

extension Problem {
    /// Whether the CA takes nothing more for now, whatever kind of problem it makes of it.
    var isBusy: Bool { kind == .rateLimited || status == 429 || status == 503 }

    /// What a person does next, as the end of a sentence; empty where the CA's words say it. One kind means two things: a proof
    /// that does not fit, or an account that may not.
    func nextAction(isAboutProof: Bool) -> String {
        switch kind {
        case .caa: ". Add a CAA record that allows this CA, or choose another issuer"
        case .dns: ". See that the record is on every name server of the zone, then run again"
        case .connection, .tls: ". See that port 80 of the policy host is open to the CA, then run again"
        case .unauthorized where !isAboutProof: ". See what 'certadns acme account' says of the account"
        case .unauthorized, .incorrectResponse: ". The CA saw another answer than ours: see who else answers there"
        case .externalAccountRequired: ". Set 'external_account' of the issuer to what the CA's page shows"
        case .accountDoesNotExist: ". The CA has lost the account: run 'certadns acme account --new'"
        case .userActionRequired:
            ". A person must agree to the CA's terms\(instance.map { " at \(Self.plain($0))" } ?? ""), then run again"
        case .invalidContact, .unsupportedContact:
            ". Change 'contact' of the issuer to addresses that the CA takes"
        case .badCSR, .badPublicKey:
            ". Change 'key_type' of the issuer to one that the CA takes, then end the wait with 'certadns retry'"
        case .badSignatureAlgorithm:
            ". Accounts here sign by ES256\(algorithms.map { ", the CA takes \($0.map(Self.plain).joined(separator: ", "))" } ?? ""): choose another issuer"
        case .rejectedIdentifier, .unsupportedIdentifier: ". The CA will not certify this name; choose another issuer"
        case .invalidProfile: ". Choose one of the profiles that 'certadns acme account' lists"
        default: ""
        }
    }
}

extension ACMEError {
    /// The same while an account is made: where it is bound to a contract, that is what such a refusal is about (RFC 8555 §7.3.4).
    func failure(making terms: AccountTerms) -> Failure {
        guard case .refused(let problem, _, _) = self, let contract = terms.external,
            problem.kind == .unauthorized || problem.kind == .malformed
        else { return failure }
        return Failure(
            .configuration,
            "\(self). Compare 'kid' ('\(contract.kid)') and 'key' under 'external_account' of the issuer with what the CA's page shows"
        )
    }
}
