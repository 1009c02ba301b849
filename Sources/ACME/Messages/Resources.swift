/// What is to be certified (RFC 8555 §9.7.7).
package struct Identifier: Hashable, Sendable, Codable {
    /// `dns`; others are none of ours.
    package var type: String
    /// The name, in A-labels.
    package var value: String

    /// A DNS name.
    package static func dns(_ name: String) -> Identifier { Identifier(type: "dns", value: name) }
}

/// An account as the CA shows it (RFC 8555 §7.1.2).
package struct AccountView: Hashable, Sendable, Decodable {
    /// valid, deactivated or revoked.
    package let status: String
    /// Where the CA writes to.
    package let contact: [String]?
}

/// An order as the CA shows it (RFC 8555 §7.1.3).
package struct Order: Hashable, Sendable, Decodable {
    /// Its state (§7.1.6).
    package let status: Status
    /// When the CA forgets it, RFC 3339.
    package let expires: String?
    /// The names.
    package let identifiers: [Identifier]
    /// Where the authorisations are.
    package let authorizations: [String]
    /// Where the request for the certificate goes.
    package let finalize: String
    /// Where the certificate is, once there is one.
    package let certificate: String?
    /// What went wrong.
    package let error: Problem?

    /// §7.1.6.
    package enum Status: String, Hashable, Sendable, Decodable { case pending, ready, processing, valid, invalid }
}

/// The right to have a name certified (RFC 8555 §7.1.4).
package struct Authorization: Hashable, Sendable, Decodable {
    /// The name.
    package let identifier: Identifier
    /// Its state (§7.1.6).
    package let status: Status
    /// The ways to prove control that the CA offers.
    package let challenges: [Challenge]

    /// §7.1.6.
    package enum Status: String, Hashable, Sendable, Decodable {
        case pending, valid, invalid, deactivated, expired, revoked
    }
}

/// One way to prove control of a name (RFC 8555 §7.1.5).
package struct Challenge: Hashable, Sendable, Decodable {
    /// `dns-01`, `http-01`, or one that is none of ours.
    package let type: String
    /// Where the CA is told to look.
    package let url: String
    /// Its state.
    package let status: String
    /// What the proof is made from; absent in types that have none.
    package let token: String?
    /// What the CA saw instead.
    package let error: Problem?

    /// Tokens go into names, paths and records, so only base64url counts (RFC 8555 §8.1, ACME-14).
    package var checkedToken: String? {
        guard let token, (22...128).contains(token.utf8.count),
            token.utf8.allSatisfy({
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { return nil }
        return token
    }
}
