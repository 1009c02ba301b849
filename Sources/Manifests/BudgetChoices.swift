import Findings
package import Planning
import YAML

/// What certadns.yaml says of an account's budget with its CA.
package struct BudgetChoices: Hashable, Sendable {
    /// The limits.
    package var limits: BudgetLimits
    /// The public suffix list, as a file; `nil`: a registered domain is the last two labels.
    package var suffixes: String?

    /// Choices.
    package init(limits: BudgetLimits, suffixes: String? = nil) {
        self.limits = limits
        self.suffixes = suffixes
    }
}

extension FieldTable {
    static let budget = FieldTable(
        "issuer.budget",
        [
            Field(
                "preset", "`lets-encrypt`", fallback: "nothing is limited",
                "The limits to begin with: those that Let's Encrypt publishes. `budget: lets-encrypt` is short for it alone."
            ),
            Field("orders", "`{limit: 300, per: 3h}`", fallback: "the preset's", "New orders of the account."),
            Field(
                "registered_domain", "`{limit: 50, per: 7d}`", fallback: "the preset's",
                "Certificates under one registered domain."),
            Field("duplicates", "`{limit: 5, per: 7d}`", fallback: "the preset's", "Certificates for one policy host."),
            Field(
                "failed_authorisations", "`{limit: 5, per: 1h}`", fallback: "the preset's",
                "Failed authorisations of one policy host."),
            Field(
                "renewals_exempt", "true or false", fallback: "the preset's",
                "Whether renewals count for nothing, as with CAs that have renewal information (RFC 9773)."),
            Field(
                "public_suffixes", "file", fallback: "a registered domain is the last two labels",
                "The public suffix list, such as /usr/share/publicsuffix/public_suffix_list.dat."),
        ])
    static let budgetLimit = FieldTable(
        "issuer.budget.LIMIT",
        [
            Field("limit", "whole number from 1", required: true, "So many at most …"),
            Field("per", "seconds, or `3h`, `7d`", required: true, "… within any span of this length."),
        ])
}

/// The budget's part of certadns.yaml.
extension ConfigurationReader {
    mutating func budget(_ node: YAMLNode?) -> BudgetChoices? {
        guard let node, !node.isNull else { return nil }
        if case .scalar = node.content { return choices(preset(node)) }
        guard reading.check(node, .budget) else { return nil }
        guard var choices = choices(node["preset"].map { preset($0) } ?? BudgetLimits.none) else { return nil }
        choices.limits.orders = limit(node["orders"], "orders") ?? choices.limits.orders
        choices.limits.registeredDomain =
            limit(node["registered_domain"], "registered_domain") ?? choices.limits.registeredDomain
        choices.limits.duplicates = limit(node["duplicates"], "duplicates") ?? choices.limits.duplicates
        choices.limits.failedAuthorisations =
            limit(node["failed_authorisations"], "failed_authorisations") ?? choices.limits.failedAuthorisations
        choices.limits.exemptsRenewals =
            reading.flag(node["renewals_exempt"], "renewals_exempt") ?? choices.limits.exemptsRenewals
        choices.suffixes = reading.text(node["public_suffixes"], "public_suffixes")
        return choices
    }

    private func choices(_ limits: BudgetLimits?) -> BudgetChoices? { limits.map { BudgetChoices(limits: $0) } }

    private mutating func preset(_ node: YAMLNode) -> BudgetLimits? {
        if node.isNull { return BudgetLimits.none }
        return reading.choice(node, "preset", ["lets-encrypt"]) == nil ? nil : .letsEncrypt
    }

    private mutating func limit(_ node: YAMLNode?, _ what: String) -> BudgetLimits.Limit? {
        guard let node, !node.isNull, reading.check(node, .budgetLimit) else { return nil }
        let count = reading.number(node["limit"], "limit", in: 1...1_000_000)
        let span = reading.seconds(node["per"], "per")
        guard let count, let span else { return nil }
        // What an account used a year ago no CA counts.
        guard (1...366 * 86_400).contains(span) else {
            reading.error(
                .badValue, "'per' of '\(what)' is \(span) seconds, and 1 second to 366 days are wanted",
                action: "write the span over which the CA counts, such as 3h or 7d", at: node["per"]?.place)
            return nil
        }
        return BudgetLimits.Limit(count, per: span)
    }
}
