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
        case .delivery(let host):
            return "certificate and key of \(host) in the web server's folder"
        case .removal(let host):
            return step.resource == .delivery
                ? "certificate and key of \(host) in the web server's folder" : "\(step.resource.words) of \(host)"
        }
    }

    /// What brought a step about; a commit by its hash, where known.
    static func causes(_ step: Step, _ plan: Plan) -> [String] {
        step.causes.map { cause in
            if cause == .commit, let commit = plan.commit { "commit \(commit.prefix(12))" } else { cause.rawValue }
        }
    }

    /// Lines led by `-`, `+` or a blank: what goes, what comes, what stays.
    static func changes(_ step: Step) -> [String] {
        switch step.effect {
        case .records(let change):
            let gone = change.expecting.flatMap(\.lines)
            let come = change.writing.flatMap(\.lines)
            return gone.filter { !come.contains($0) }.map { "- \($0)" }
                + gone.filter { come.contains($0) }.map { "  \($0)" }
                + come.filter { !gone.contains($0) }.map { "+ \($0)" }
        case .certificate, .challenge, .delivery, .removal: return []
        case .policy(let body, let replacing):
            return LineDiff.lines(from: (replacing ?? "").policyLines, to: body.body.policyLines)
        }
    }

    /// The last lines of a plan: what it amounts to, and the add-ons. Nothing to do is one line.
    static func ending(_ plan: Plan, _ scope: PlanScope) -> [String] {
        let summary = PlanSummary(plan)
        let isQuiet = summary.changing == 0 && summary.blocked == 0 && summary.unknown == 0 && summary.errors == 0
        let budget = scope == .everything ? plan.budget.flatMap(Self.budget).map { [$0] } ?? [] : []
        guard isQuiet, budget.isEmpty else {
            return [counts(summary, scope)] + withheld(plan, scope) + budget
                + (scope == .everything ? plan.addOns.map(addOn) : [])
        }
        let zones = count(summary.zones, "zone")
        let due =
            plan.zones.compactMap(\.renewal).filter { $0.at > plan.madeAt }.min { ($0.at, $0.host) < ($1.at, $1.host) }
            .map { "; next: \(renewal($0))" } ?? ""
        switch scope {
        case .everything:
            let addOns = plan.addOns.map { "; " + addOnWords($0) }.joined()
            if let held = held(plan) { return ["\(held)\(due)\(addOns)."] }
            return ["Nothing to do: \(zones) as desired at \(plan.madeAt)\(due)\(addOns)."]
        case .drift(pending: 0): return ["No drift: \(zones) as last applied at \(plan.madeAt)\(due)."]
        case .drift(let pending):
            let others = pending == 1 ? "one has changes" : "\(pending) have changes"
            return ["No drift: \(zones) as last applied at \(plan.madeAt); \(others) to come, see 'certadns plan'."]
        }
    }

    /// How to let go what the fleet's limit withholds.
    private static func withheld(_ plan: Plan, _ scope: PlanScope) -> [String] {
        let zones = plan.zones.count { !$0.withheld.isEmpty }
        guard zones > 0, scope == .everything else { return [] }
        let digest = PlanDocument(plan).digest
        return [
            "Withheld in \(count(zones, "zone")): save this plan, review it, and apply it with '--accept \(digest)'."
        ]
    }

    /// What a plan without steps amounts to where changes wait; `nil` where none does.
    private static func held(_ plan: Plan) -> String? {
        let holds = plan.zones.flatMap(\.holds)
        guard !holds.isEmpty else { return nil }
        let waiting = plan.zones.count { !$0.holds.isEmpty }
        let first = holds.compactMap(\.until).min().map { ", the first until \($0)" } ?? ""
        return
            "Nothing to do now at \(plan.madeAt): \(count(holds.count, "change")) held in \(waiting) of \(count(plan.zones.count, "zone"))\(first)"
    }

    /// What time brings about, in the words of a step.
    static func renewal(_ due: DueRenewal) -> String {
        "renew certificate for \(due.host): due \(due.at)"
            + (due.explanation.map { " (the CA explains at \($0))" } ?? "")
    }

    private static func counts(_ summary: PlanSummary, _ scope: PlanScope) -> String {
        let isDrift = scope != .everything
        var parts = ["\(count(summary.changing, "zone")) of \(summary.zones) with \(isDrift ? "drift" : "changes")"]
        if summary.create > 0 { parts.append("\(summary.create) to create") }
        if summary.change > 0 { parts.append("\(summary.change) to change") }
        if summary.delete > 0 { parts.append("\(summary.delete) to delete") }
        if summary.certificates > 0 { parts.append("\(count(summary.certificates, "certificate")) to issue") }
        if summary.blocked > 0 { parts.append("\(summary.blocked) blocked") }
        if summary.unknown > 0 { parts.append("\(summary.unknown) unreadable") }
        if summary.errors > 0 { parts.append(count(summary.errors, "error")) }
        if summary.warnings > 0 { parts.append(count(summary.warnings, "warning")) }
        return (isDrift ? "Drift: " : "Plan: ") + parts.joined(separator: ", ") + "."
    }

    /// Nothing where no certificate waits.
    private static func budget(_ forecast: BudgetForecast) -> String? {
        guard let last = forecast.last else { return nil }
        return
            "Certificates: \(forecast.now) of \(forecast.wanted) now and \(forecast.today) by the end of the day (UTC), by the budget with '\(forecast.issuer)'; the last on \(last.description.prefix(10))."
    }

    private static func addOn(_ total: AddOnTotal) -> String { "Add-on \(addOnWords(total))." }

    private static func addOnWords(_ total: AddOnTotal) -> String {
        let price = total.price.map { price in
            ", \(money(price.hundredths * total.domains, price.currency)) a month (\(money(price.hundredths, price.currency)) a domain)"
        }
        return "\(total.name): \(count(total.domains, "domain"))\(price ?? "")"
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
