package import Ports

/// What a person may know of an account; never its key.
package struct AccountReport: Hashable, Sendable {
    /// The CA's directory.
    package let directory: String
    /// The account's URL: what `accounturi` of a CAA record names (RFC 8657 §3).
    package let url: String
    /// valid, deactivated or revoked.
    package let status: String
    /// Where the CA writes to.
    package let contact: [String]
    /// RFC 7638, of the key that is in force.
    package let thumbprint: String
    /// How CAA records name the CA; empty where it does not say.
    package let identities: [String]
    /// The certificate profiles that the CA offers, sorted.
    package let profiles: [String]
}

extension ACMEIssuer {
    /// Asks the CA for the account as it is now.
    package func report(on account: ACMEAccount) async throws(Failure) -> AccountReport {
        do throws(ACMEError) {
            let view = try await session.view(account)
            let meta = try await session.directory().meta
            return AccountReport(
                directory: options.directory, url: account.url, status: view.status, contact: view.contact ?? [],
                thumbprint: account.key.thumbprint, identities: meta?.caaIdentities ?? [],
                profiles: (meta?.profiles ?? [:]).keys.sorted())
        } catch {
            throw error.failure
        }
    }

    /// Replaces where the CA writes to.
    package func change(_ account: ACMEAccount, contact: [String]) async throws(Failure) {
        do throws(ACMEError) { _ = try await session.change(account, contact: contact) } catch { throw error.failure }
    }
}
