/// What a CA offers, and where (RFC 8555 §7.1.1; RFC 9773 §3 adds `renewalInfo`).
package struct Directory: Hashable, Sendable, Decodable {
    /// Where nonces are had.
    package let newNonce: String
    /// Where accounts are made.
    package let newAccount: String
    /// Where orders are made.
    package let newOrder: String
    /// Where certificates are revoked.
    package let revokeCert: String
    /// Where an account's key is replaced; a CA may leave it out.
    package let keyChange: String?
    /// Where renewal information is had (RFC 9773), if at all.
    package let renewalInfo: String?
    /// What the CA says of itself.
    package let meta: Meta?

    /// What the CA says of itself.
    package struct Meta: Hashable, Sendable, Decodable {
        /// The terms that an account agrees to.
        package let termsOfService: String?
        /// The names by which CAA records know the CA (RFC 8659).
        package let caaIdentities: [String]?
        /// Whether an account needs a contract.
        package let externalAccountRequired: Bool?
        /// Certificate profiles by name, with a description each (draft-ietf-acme-profiles).
        package let profiles: [String: String]?
    }
}
