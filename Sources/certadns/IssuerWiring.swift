import ACME
import DNS
import DNSClient
import Findings
import Foundation
import LocalCA
import Manifests
import Planning
import Ports
import Providers
import Reconciler
import Storage
import Synchronization

/// The CA that the configuration names, as one run talks to it.
final class IssuerWiring: Sendable {
    private let configuration: Configuration
    private let folder: String
    private let stateFolder: String
    private let session = Mutex<ACMESession?>(nil)
    /// The public suffix list, read once.
    private let suffixList = Mutex<PublicSuffixes?>(nil)

    init(_ configuration: Configuration, folder: String, stateFolder: String) {
        self.configuration = configuration
        self.folder = folder
        self.stateFolder = stateFolder
    }

    /// The issuer, made on first use.
    func issuer(_ accounts: any AccountStore) throws(Failure) -> any CertificateIssuer {
        switch configuration.issuer {
        case .local:
            try LocalAuthority(
                folder: stateFolder, now: Wiring.now(), seal: try Secrets.seal(configuration.seal, folder: folder))
        case .acme(let choices): try acme(choices, accounts)
        }
    }

    /// The ACME issuer; `nil` where the configuration names another kind.
    func acme(_ accounts: any AccountStore) throws(Failure) -> (
        issuer: ACMEIssuer, accounts: ACMEAccounts, terms: AccountTerms
    )? {
        guard case .acme(let choices) = configuration.issuer else { return nil }
        return (
            try acme(choices, accounts),
            ACMEAccounts(session: try session(choices), store: accounts, directory: choices.directory),
            try terms(choices)
        )
    }

    /// How CAA records name the issuer, for a zone that proves control in this way; `nil` where that does not matter or can't
    /// be told.
    func identity(_ accounts: (any AccountReader)?, challenge: ChallengeProof.Kind?) async -> IssuerIdentity? {
        guard case .acme(let choices) = configuration.issuer, let session = try? session(choices) else { return nil }
        let account = try? await accounts?.accountURL(of: choices.directory)
        return await session.identity(account: account ?? nil, methods: [challenge ?? choices.challenge])
    }

    /// What the account may order; `nil` for issuers without accounts. Without limits it keeps the CA's own word to the account.
    func budget() throws(Failure) -> BudgetRules? {
        guard case .acme(let choices) = configuration.issuer else { return nil }
        guard let budget = choices.budget else { return BudgetRules(issuer: choices.host, limits: .none) }
        return BudgetRules(
            issuer: choices.host, limits: budget.limits, suffixes: try budget.suffixes.map(suffixes) ?? .none)
    }

    private func suffixes(_ path: String) throws(Failure) -> PublicSuffixes {
        if let known = suffixList.withLock({ $0 }) { return known }
        let full = path.hasPrefix("/") ? path : folder + "/" + path
        let text = (try? Data(contentsOf: URL(fileURLWithPath: full))).map { String(decoding: $0, as: UTF8.self) }
        let suffixes = PublicSuffixes(parsing: text ?? "")
        guard suffixes.count > 0 else {
            throw Failure(
                .configuration,
                "'\(path)' under 'public_suffixes' of the issuer's budget can't be read as a public suffix list; install one (Debian: publicsuffix), or leave it out"
            )
        }
        suffixList.withLock { $0 = suffixes }
        return suffixes
    }

    /// What proves control of a zone's policy host, in the zone's own way if it has one.
    func proving(
        _ challenge: ChallengeProof.Kind?,
        tokens: any ChallengeTokens, transport: DNSTransport, resolver: any Resolver,
        provider: (String) throws(Failure) -> any DNSWriter
    ) throws(Failure) -> ProvingPorts {
        guard case .acme(let choices) = configuration.issuer else { return .none }
        return ProvingPorts(
            kinds: [challenge ?? choices.challenge], tokens: tokens,
            delegated: try choices.challengeProvider.map(provider),
            watcher: AuthoritativeWatcher(
                transport: transport, resolver: resolver,
                servers: choices.propagationServers.compactMap(ServerAddress.init)),
            quorum: choices.quorum, wait: choices.wait)
    }

    private func acme(_ choices: ACMEChoices, _ accounts: any AccountStore) throws(Failure) -> ACMEIssuer {
        ACMEIssuer(
            name: choices.host, session: try session(choices), accounts: accounts,
            options: ACMEIssuer.Options(
                directory: choices.directory, terms: try terms(choices),
                keyType: KeyType(rawValue: choices.keyType) ?? .p256, reusesKey: choices.reusesKey,
                preferredChain: choices.preferredChain,
                profile: choices.profile))
    }

    private func terms(_ choices: ACMEChoices) throws(Failure) -> AccountTerms {
        guard let external = choices.externalAccount else { return AccountTerms(contact: choices.contact) }
        let key = try Secrets.text(external.key, folder: folder, of: "the external account '\(external.kid)'")
        guard let account = ExternalAccount(kid: external.kid, encodedKey: key) else {
            throw Failure(
                .configuration,
                "the key of the external account '\(external.kid)' (\(external.key)) is no base64url; copy it as the CA's page shows it"
            )
        }
        return AccountTerms(contact: choices.contact, external: account)
    }

    private func session(_ choices: ACMEChoices) throws(Failure) -> ACMESession {
        if let known = session.withLock({ $0 }) { return known }
        let fresh = ACMESession(
            directory: choices.directory, http: try HTTPClients.client(trusting: choices, folder: folder),
            now: { Date() })
        return session.withLock { session in
            if let known = session { return known }
            session = fresh
            return fresh
        }
    }
}
