import Certificates
import DNS
import Findings
import Foundation
package import Planning
package import Ports

/// Certificates from a CA that speaks ACME (RFC 8555): the one file that fits the client to the issuer's port.
package struct ACMEIssuer: CertificateIssuer {
    package let name: String
    let session: ACMESession
    let accounts: any AccountStore
    let options: Options

    /// What the configuration chooses.
    package struct Options: Sendable {
        /// The CA's directory.
        package var directory: String
        /// How an account is made.
        package var terms: AccountTerms
        /// The key of each certificate.
        package var keyType: KeyType
        /// Whether a certificate has the key of the one before, where that is of ``keyType``.
        package var reusesKey: Bool
        /// The common name of the root that the chain shall lead to (RFC 8555 §7.4.2).
        package var preferredChain: String?
        /// The certificate profile, where the CA has such.
        package var profile: String?
        /// Seconds for which one run follows an order; later runs pick it up.
        package var patience: Int

        /// A CA's usual service.
        package init(
            directory: String, terms: AccountTerms = AccountTerms(), keyType: KeyType = .p256,
            reusesKey: Bool = false, preferredChain: String? = nil, profile: String? = nil, patience: Int = 180
        ) {
            self.directory = directory
            self.terms = terms
            self.keyType = keyType
            self.reusesKey = reusesKey
            self.preferredChain = preferredChain
            self.profile = profile
            self.patience = patience
        }
    }

    /// An issuer under the name that plans and ledgers show.
    package init(name: String, session: ACMESession, accounts: any AccountStore, options: Options) {
        self.name = name
        self.session = session
        self.accounts = accounts
        self.options = options
    }

    package func issue(
        _ request: CertificateRequest, at desk: IssuanceDesk
    ) async throws(Failure) -> CertificateMaterial {
        let account: ACMEAccount
        do throws(Failure) {
            account = try await ACMEAccounts(session: session, store: accounts, directory: options.directory)
                .ready(options.terms)
        } catch {
            if error.kind == .limited { try await desk.journal.unplaced(error, forAll: true) }
            throw error
        }
        let run = OrderRun(
            session: session, account: account, issuer: name, options: options, desk: desk,
            names: request.names.map(\.lowercased.description), request: request)
        return try await run.certificate()
    }

    package func advice(on chain: String) async throws(Failure) -> RenewalAdvice? {
        do throws(ACMEError) {
            guard let id = try RenewalID.of(pem: chain) else { return nil }
            return try await session.renewalInformation(id)
        } catch {
            throw error.failure
        }
    }
}

extension ACMESession {
    /// How CAA records name this CA and our account there; `nil` where the CA does not say or can't be asked.
    package func identity(account: String?, methods: [ChallengeProof.Kind]) async -> IssuerIdentity? {
        guard let names = try? await directory().meta?.caaIdentities, !names.isEmpty else { return nil }
        return IssuerIdentity(names: names, account: account, methods: methods.map(\.rawValue))
    }
}
