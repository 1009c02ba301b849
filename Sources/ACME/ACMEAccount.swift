import Findings
import Foundation

/// An account with a CA: the key that signs and the URL that names it.
package struct ACMEAccount: Sendable {
    /// The key.
    package let key: AccountKey
    /// The account's URL, RFC 8555's `kid`.
    package let url: String
}

/// What an account is made with.
package struct AccountTerms: Sendable {
    /// Where the CA writes to, as `mailto:` URLs.
    package var contact: [String]
    /// A contract that the CA asks for.
    package var external: ExternalAccount?

    /// Terms.
    package init(contact: [String] = [], external: ExternalAccount? = nil) {
        self.contact = contact
        self.external = external
    }
}

extension ACMESession {
    private struct NewAccount: Encodable, Sendable {
        var contact: [String]?
        var termsOfServiceAgreed: Bool?
        var onlyReturnExisting: Bool?
        var externalAccountBinding: SignedRequest?
    }

    /// The directory, if an account on these terms is to be had there at all.
    func offer(_ terms: AccountTerms) async throws(ACMEError) -> Directory {
        let directory = try await directory()
        if directory.meta?.externalAccountRequired == true, terms.external == nil {
            throw .notOffered(
                "an account without a contract; set 'external_account' of the issuer to what the CA's page shows")
        }
        return directory
    }

    /// Makes an account for `key`, or finds the one that the CA has for it (RFC 8555 §7.3): making it twice is making it once.
    package func register(_ key: AccountKey, _ terms: AccountTerms) async throws(ACMEError) -> ACMEAccount {
        let directory = try await offer(terms)
        var request = NewAccount(contact: terms.contact.isEmpty ? nil : terms.contact)
        if directory.meta?.termsOfService != nil { request.termsOfServiceAgreed = true }
        if let external = terms.external {
            do {
                request.externalAccountBinding = try SignedRequest(
                    binding: key, to: external, url: directory.newAccount)
            } catch {
                throw .unmakeable("\(error)")
            }
        }
        return try await account(request, key)
    }

    /// Finds the account that the CA has for `key`; the CA's refusal where it has none.
    package func find(_ key: AccountKey) async throws(ACMEError) -> ACMEAccount {
        try await account(NewAccount(onlyReturnExisting: true), key)
    }

    private func account(_ request: NewAccount, _ key: AccountKey) async throws(ACMEError) -> ACMEAccount {
        let url = try await directory().newAccount
        let answer = try await post(url, request, by: key, as: .key)
        guard let location = answer.location else { throw .malformed(url: url, "it names no account (Location)") }
        return ACMEAccount(key: key, url: location)
    }

    /// The account as the CA shows it.
    package func view(_ account: ACMEAccount) async throws(ACMEError) -> AccountView {
        try await post(account.url, nil, by: account.key, as: .account(account.url)).decode(AccountView.self)
    }

    /// Replaces where the CA writes to (§7.3.2).
    package func change(_ account: ACMEAccount, contact: [String]) async throws(ACMEError) -> AccountView {
        try await post(account.url, ["contact": contact], by: account.key, as: .account(account.url))
            .decode(AccountView.self)
    }

    /// Closes the account for good (§7.3.6).
    package func deactivate(_ account: ACMEAccount) async throws(ACMEError) {
        _ = try await post(account.url, ["status": "deactivated"], by: account.key, as: .account(account.url))
    }

    private struct KeyChange: Encodable, Sendable {
        var account: String
        var oldKey: JWK
    }

    /// Gives the account another key (§7.3.5). When this returns only the new key counts; orders go on.
    package func rollOver(_ account: ACMEAccount, to key: AccountKey) async throws(ACMEError) -> ACMEAccount {
        guard let url = try await directory().keyChange else { throw .notOffered("changing an account's key") }
        let inner: SignedRequest
        do {
            inner = try SignedRequest(
                KeyChange(account: account.url, oldKey: account.key.jwk), to: url, nonce: nil, by: key, as: .key)
        } catch {
            throw .unmakeable("\(error)")
        }
        _ = try await post(url, inner, by: account.key, as: .account(account.url))
        return ACMEAccount(key: key, url: account.url)
    }
}
