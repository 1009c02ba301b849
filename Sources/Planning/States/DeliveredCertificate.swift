/// What a web server of others was given to show: the certificate that lies there, and what is wrong with the key beside it.
package struct DeliveredCertificate: Hashable, Sendable {
    /// The first certificate of the chain.
    package var facts: CertificateFacts
    /// Why the server can't show it; `nil` where its key lies beside it.
    package var keyFault: KeyFault?

    /// What lies there.
    package init(_ facts: CertificateFacts, keyFault: KeyFault? = nil) {
        self.facts = facts
        self.keyFault = keyFault
    }

    /// The certificate's, where the server can show it: without its key it is none.
    package var fingerprint: String? { keyFault == nil ? facts.fingerprint : nil }

    /// What can be wrong with a key; never anything that it holds.
    package enum KeyFault: Hashable, Sendable, CaseIterable {
        /// The file holds nothing.
        case empty
        /// The file holds something else than a private key.
        case unreadable
        /// It is the key of another certificate.
        case foreign
    }
}
