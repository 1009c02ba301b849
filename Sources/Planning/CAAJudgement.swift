package import DNS
package import Findings

/// The CAA set that counts for a name (RFC 8659 §3): the first non-empty one on the way up.
package struct CAALook: Hashable, Sendable {
    /// Whose set it is.
    package var owner: DomainName
    /// The set.
    package var records: [CAA]

    /// A look.
    package init(owner: DomainName, records: [CAA]) {
        self.owner = owner
        self.records = records
    }
}

/// An issuer as CAA records name it.
package struct IssuerIdentity: Hashable, Sendable {
    /// The CA's own domain names (`caaIdentities` of its directory).
    package var names: [String]
    /// Our account's URL, where there is one yet (RFC 8657 §3).
    package var account: String?
    /// The ways of proving control that are set up (RFC 8657 §4), as ACME names them.
    package var methods: [String]

    /// An issuer.
    package init(names: [String], account: String?, methods: [String]) {
        self.names = names
        self.account = account
        self.methods = methods
    }
}

/// Whether a CAA set lets an issuer certify a name (RFC 8659 §4, RFC 8657).
package enum CAAJudgement {
    private static let known: Set<String> = [
        "issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone",
    ]

    /// What forbids it, in words; `nil` where it is allowed. Names here have no wildcard, so `issuewild` is nobody's business.
    package static func forbids(_ records: [CAA], _ issuer: IssuerIdentity) -> String? {
        for record in records where record.flags & 128 != 0 && !known.contains(record.tag.lowercased()) {
            return "it has the critical property '\(record.tag)', which the CA may not know"
        }
        let issue = records.filter { $0.tag.lowercased() == "issue" }.map { Property(parsing: $0.value) }
        if issue.isEmpty { return nil }
        let ours = issue.compactMap { $0 }.filter { property in
            issuer.names.contains { $0.lowercased() == property.name.lowercased() }
        }
        if ours.isEmpty { return "it does not name \(issuer.names.joined(separator: " or "))" }
        let unmet = ours.map { $0.unmet(issuer) }
        return unmet.contains(nil) ? nil : unmet.compactMap { $0 }.first
    }

    /// The `issue` value that lets `issuer` in under `name`, as strict as those of the set that name the CA already: a record
    /// that any account may use, or any way of proving, would undo what they are there for.
    static func wanted(by issuer: IssuerIdentity, beside records: [CAA], _ name: String) -> String {
        let parameters = Set(
            records.filter { $0.tag.lowercased() == "issue" }.compactMap { Property(parsing: $0.value) }
                .filter { property in issuer.names.contains { $0.lowercased() == property.name.lowercased() } }
                .flatMap { $0.parameters.map(\.key) })
        var value = name
        if parameters.contains("accounturi"), let account = issuer.account { value += "; accounturi=\(account)" }
        if parameters.contains("validationmethods") {
            value += "; validationmethods=\(issuer.methods.joined(separator: ","))"
        }
        return value
    }

    /// An `issue` property: a domain name, then parameters (RFC 8659 §4.2). One that can't be parsed allows nobody.
    private struct Property {
        let name: String
        let parameters: [(key: String, value: String)]

        init?(parsing octets: [UInt8]) {
            guard octets.allSatisfy({ $0 == 9 || (32...126).contains($0) }) else { return nil }
            let parts = String(decoding: octets, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
                .map(\.trimmed)
            name = parts.first ?? ""
            var found: [(String, String)] = []
            for part in parts.dropFirst() where !part.isEmpty {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
                guard pair.count == 2, !pair[0].isEmpty else { return nil }
                found.append((pair[0].lowercased(), pair[1]))
            }
            parameters = found
        }

        /// What keeps us from using it.
        func unmet(_ issuer: IssuerIdentity) -> String? {
            for (key, value) in parameters {
                switch key {
                case "accounturi":
                    // Before there is an account nobody can tell; the CA will.
                    if let account = issuer.account, account != value {
                        return "it wants the account \(value), and ours is \(account)"
                    }
                case "validationmethods":
                    let allowed = value.split(separator: ",").map(\.trimmed)
                    if !issuer.methods.contains(where: allowed.contains) {
                        return "it allows only \(value), and \(issuer.methods.joined(separator: ", ")) is set up"
                    }
                default: break
                }
            }
            return nil
        }
    }
}

extension Observation<CAALook> {
    /// What a person should know before an order; unknown is left to the CA, which asks for itself.
    package func finding(for host: DomainName, issuer: IssuerIdentity?) -> Finding? {
        guard case .value(let look) = self, let issuer, let name = issuer.names.first,
            let why = CAAJudgement.forbids(look.records, issuer)
        else { return nil }
        return Finding(
            .error, .caaForbids,
            "the CAA record set of \(look.owner) keeps the CA from certifying \(host): \(why)",
            action:
                "add '\(look.owner.absolute) CAA 0 issue \"\(CAAJudgement.wanted(by: issuer, beside: look.records, name))\"', or choose another issuer",
            actor: .operator)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension String {
    fileprivate var trimmed: String { self[...].trimmed }
}
