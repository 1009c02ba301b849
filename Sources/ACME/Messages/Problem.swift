/// A CA's own words for what went wrong (RFC 7807, RFC 8555 §6.7), kept whole.
package struct Problem: Hashable, Sendable, Codable {
    /// The kind, as a URN.
    package var type: String?
    /// The CA's words.
    package var detail: String?
    /// The HTTP status that came with it.
    package var status: Int?
    /// The name that a subproblem is about.
    package var identifier: Identifier?
    /// What went wrong name by name.
    package var subproblems: [Problem]?
    /// A page for people about this very occurrence: where terms are agreed to (RFC 8555 §7.3.3).
    package var instance: String?
    /// Signature algorithms that the CA would take (`badSignatureAlgorithm`).
    package var algorithms: [String]?

    /// A problem in our own words, where the CA sent none.
    package init(type: String? = nil, detail: String?, status: Int? = nil) {
        self.type = type
        self.detail = detail
        self.status = status
    }

    /// The kinds that decide what is done next (RFC 8555 §6.7, RFC 9773 §5, draft-ietf-acme-profiles).
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case badNonce, rateLimited, serverInternal, dns, connection, tls, incorrectResponse, unauthorized, caa
        case rejectedIdentifier, unsupportedIdentifier, accountDoesNotExist, externalAccountRequired
        case userActionRequired, orderNotReady, badCSR, malformed, badPublicKey, badSignatureAlgorithm
        case alreadyReplaced, alreadyRevoked, badRevocationReason, invalidProfile, invalidContact, unsupportedContact
        case compound
    }

    /// The kind, if it is one that we know.
    package var kind: Kind? {
        let prefix = "urn:ietf:params:acme:error:"
        guard let type, type.hasPrefix(prefix) else { return nil }
        return Kind(rawValue: String(type.dropFirst(prefix.count)))
    }
}

extension Problem: CustomStringConvertible {
    /// `type: detail`, then each subproblem with its name; printable, and bounded as whoever sent it is a stranger.
    package var description: String {
        var text = [kind?.rawValue ?? type.map { Self.plain($0) }, detail.map { Self.plain($0) }].compactMap { $0 }
            .joined(separator: ": ")
        if text.isEmpty { text = status.map { "status \($0)" } ?? "no reason given" }
        let all = subproblems ?? []
        var parts = all.prefix(Self.longestList).map { part in
            [part.identifier.map { Self.plain($0.value) }, part.kind?.rawValue ?? part.type.map { Self.plain($0) }]
                .compactMap { $0 }.map { "\($0): " }.joined() + Self.plain(part.detail ?? "no detail")
        }
        if all.count > parts.count { parts.append("and \(all.count - parts.count) more") }
        return parts.isEmpty ? text : "\(text) (\(parts.joined(separator: "; ")))"
    }

    /// Names told one by one: an order of ours has one.
    private static let longestList = 10

    static func plain(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(600).map {
                $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : Character($0)
            })
    }
}
