import DNS
import MTASTS
import Planning

/// The words that text and Markdown plans share.
enum PlanWords {
    static func headline(_ step: Step, zone: DomainName) -> String {
        let verb =
            switch step.verb {
            case .create: "create"
            case .change: "change"
            case .delete: "delete"
            case .issue: "issue"
            case .renew: "renew"
            }
        return "\(verb) \(subject(step, zone: zone))"
    }

    static func subject(_ step: Step, zone: DomainName) -> String {
        switch step.effect {
        case .records(let change):
            let types = Set((change.writing + change.expecting).map { "\($0.key.type)" }).sorted().joined(
                separator: "/")
            return "\(change.owner) \(types)"
        case .certificate(let names, let issuer):
            return "certificate for \(names.map(\.description).joined(separator: ", ")) by '\(issuer)'"
        case .policy(let body, _):
            return "policy at \(WellKnown.url(zone)), id \(body.id)"
        case .challenge(let proof):
            return "challenge \(proof.place)"
        }
    }

    static func causes(_ step: Step) -> String { step.causes.map(\.rawValue).joined(separator: ", ") }

    /// Lines led by `-`, `+` or a blank: what goes, what comes, what stays.
    static func changes(_ step: Step) -> [String] {
        switch step.effect {
        case .records(let change):
            let gone = change.expecting.flatMap(\.lines)
            let come = change.writing.flatMap(\.lines)
            return gone.filter { !come.contains($0) }.map { "- \($0)" }
                + gone.filter { come.contains($0) }.map { "  \($0)" }
                + come.filter { !gone.contains($0) }.map { "+ \($0)" }
        case .certificate, .challenge: return []
        case .policy(let body, let replacing):
            return LineDiff.lines(from: (replacing ?? "").policyLines, to: body.body.policyLines)
        }
    }

    /// The last line of a plan.
    static func summary(_ plan: Plan) -> String {
        let summary = PlanSummary(plan)
        if summary.changing == 0, summary.blocked == 0, summary.unknown == 0, summary.errors == 0 {
            let due = plan.zones.compactMap(\.nextDue).min().map { "; next due \($0)" } ?? ""
            return "Nothing to do: \(count(summary.zones, "zone")) as desired at \(plan.madeAt)\(due)."
        }
        var parts = ["\(count(summary.changing, "zone")) of \(summary.zones) with changes"]
        if summary.create > 0 { parts.append("\(summary.create) to create") }
        if summary.change > 0 { parts.append("\(summary.change) to change") }
        if summary.delete > 0 { parts.append("\(summary.delete) to delete") }
        if summary.certificates > 0 { parts.append("\(count(summary.certificates, "certificate")) to issue") }
        if summary.blocked > 0 { parts.append("\(summary.blocked) blocked") }
        if summary.unknown > 0 { parts.append("\(summary.unknown) unreadable") }
        if summary.errors > 0 { parts.append(count(summary.errors, "error")) }
        if summary.warnings > 0 { parts.append(count(summary.warnings, "warning")) }
        return "Plan: " + parts.joined(separator: ", ") + "."
    }

    static func addOns(_ plan: Plan) -> [String] {
        plan.addOns.map { total in
            let price = total.price.map { price in
                ", \(money(price.hundredths * total.domains, price.currency)) a month (\(money(price.hundredths, price.currency)) a domain)"
            }
            return "Add-on \(total.name): \(count(total.domains, "domain"))\(price ?? "")."
        }
    }

    private static func money(_ hundredths: Int, _ currency: String) -> String {
        let cents = hundredths % 100
        return "\(hundredths / 100)" + (cents == 0 ? "" : "." + (cents < 10 ? "0" : "") + "\(cents)") + " \(currency)"
    }

    static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
}

extension String {
    fileprivate var policyLines: [String] { split(whereSeparator: \.isNewline).map(String.init) }
}
