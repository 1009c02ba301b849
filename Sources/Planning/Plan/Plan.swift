package import DNS
package import Findings

/// What would change, zone by zone, and why. Made by ``Planner``, rendered by Rendering, run by Reconciler.
package struct Plan: Hashable, Sendable {
    /// The store's time at which the world was judged.
    package var madeAt: Instant
    /// The commit of the manifests, where known.
    package var commit: String?
    /// What the comparison rests on.
    package var basis: Basis
    /// One plan a zone, sorted by name.
    package var zones: [ZonePlan]
    /// What concerns no single zone.
    package var findings: [Finding]
    /// The add-ons in use and their price.
    package var addOns: [AddOnTotal]
    /// When certificates will be ordered, where the issuer has a budget and one is wanted.
    package var budget: BudgetForecast?

    /// A plan; zones and findings are sorted, so that equal inputs print equal plans (design, rule 9).
    package init(
        madeAt: Instant, commit: String? = nil, basis: Basis = .ledger, zones: [ZonePlan], findings: [Finding] = [],
        addOns: [AddOnTotal] = [], budget: BudgetForecast? = nil
    ) {
        self.madeAt = madeAt
        self.commit = commit
        self.basis = basis
        self.zones = zones.sorted { $0.zone < $1.zone }
        self.findings = findings.sorted(by: Finding.inReadingOrder)
        self.addOns = addOns
        self.budget = budget
    }

    /// What a plan compares with.
    package enum Basis: String, Hashable, Sendable, Codable {
        /// Three ways: desired, last applied, live.
        case ledger
        /// Two ways: there is no ledger; desired and live alone.
        case live
    }
}

/// How many domains have an add-on, and what that costs where the configuration states a price.
package struct AddOnTotal: Hashable, Sendable, Codable {
    /// The add-on's name.
    package var name: String
    /// Domains that have it.
    package var domains: Int
    /// Price a domain and month, as the configuration writes it: amount and currency.
    package var price: Price?

    /// A total.
    package init(name: String, domains: Int, price: Price?) {
        self.name = name
        self.domains = domains
        self.price = price
    }

    /// An amount of money in hundredths of a currency's unit.
    package struct Price: Hashable, Sendable, Codable {
        /// Hundredths, so that sums are exact.
        package var hundredths: Int
        /// ISO 4217 code.
        package var currency: String

        /// A price.
        package init(hundredths: Int, currency: String) {
            self.hundredths = hundredths
            self.currency = currency
        }
    }
}

/// What would change in one zone.
package struct ZonePlan: Hashable, Sendable {
    /// The mail domain.
    package var zone: DomainName
    /// Digest of the effective manifest; empty where it could not be read or is gone.
    package var digest: String
    /// What the zone's look amounts to.
    package var verdict: Verdict
    /// What would be done, in this order.
    package var steps: [Step]
    /// What would be done besides, and is not before the plan is accepted: more zones would change than the fleet's limit lets.
    package var withheld: [Step]
    /// A person saw what was withheld, and lets it go.
    package var isAccepted = false
    /// What is due, but may not run yet.
    package var holds: [Hold]
    /// What a person should know.
    package var findings: [Finding]
    /// When the certificate held falls due, if there is one.
    package var renewal: DueRenewal?

    /// One zone's plan.
    package init(
        zone: DomainName, digest: String, verdict: Verdict, steps: [Step] = [], withheld: [Step] = [],
        holds: [Hold] = [], findings: [Finding] = [], renewal: DueRenewal? = nil
    ) {
        self.zone = zone
        self.digest = digest
        self.verdict = verdict
        self.steps = steps
        self.withheld = withheld
        self.holds = holds
        self.findings = findings.sorted(by: Finding.inReadingOrder)
        self.renewal = renewal
    }

    /// What a zone's look amounts to.
    package enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
        /// Nothing to do.
        case inSync = "in-sync"
        /// Steps are due.
        case changes
        /// A person is needed; repairs and renewals go on.
        case blocked
        /// Something that matters could not be read.
        case unknown
        /// The manifest says that the domain has no mail, and that holds.
        case notApplicable = "not-applicable"
    }
}

/// When a certificate is renewed by itself, or has been due since.
package struct DueRenewal: Hashable, Sendable, Codable {
    /// The name that it certifies.
    package var host: DomainName
    /// When it falls due.
    package var at: Instant
    /// The CA's page about an unusual moment (RFC 9773 §4.2), where it has one to show.
    package var explanation: String?

    /// A renewal.
    package init(host: DomainName, at: Instant, explanation: String? = nil) {
        self.host = host
        self.at = at
        self.explanation = explanation
    }
}

/// A change that is due but may not run yet.
package struct Hold: Hashable, Sendable, Codable {
    /// What waits.
    package var resource: Resource
    /// Why.
    package var reason: String
    /// When time alone releases it.
    package var until: Instant?

    /// A hold.
    package init(_ resource: Resource, _ reason: String, until: Instant? = nil) {
        self.resource = resource
        self.reason = reason
        self.until = until
    }
}

extension Finding {
    /// Errors first, then by code, zone, place and words: a total order, so that plans are deterministic.
    package static func inReadingOrder(_ a: Finding, _ b: Finding) -> Bool {
        if a.severity != b.severity { return a.severity < b.severity }
        let left = [a.zone ?? "", a.place?.description ?? "", a.code.rawValue, a.message, a.action]
        let right = [b.zone ?? "", b.place?.description ?? "", b.code.rawValue, b.message, b.action]
        return left.lexicographicallyPrecedes(right)
    }
}

extension ZonePlan {
    /// The words of its first finding of severity error.
    package var firstError: String? { findings.first { $0.severity == .error }?.message }
}
