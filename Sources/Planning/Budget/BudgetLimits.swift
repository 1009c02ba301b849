/// How much an account may ask of its CA: limits over windows that slide.
package struct BudgetLimits: Hashable, Sendable, Codable {
    /// So many within any span of so many seconds.
    package struct Limit: Hashable, Sendable, Codable {
        /// At least one.
        package var count: Int
        /// Length of the window, in seconds.
        package var seconds: Int

        /// A limit.
        package init(_ count: Int, per seconds: Int) {
            self.count = count
            self.seconds = seconds
        }

        /// Also what comes over the network stays within what can be counted with.
        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            count = try values.decode(Int.self, forKey: .count)
            seconds = try values.decode(Int.self, forKey: .seconds)
            guard (1...1_000_000_000).contains(count), (1...1_000_000_000).contains(seconds) else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a limit beyond a thousand million"))
            }
        }
    }

    /// Orders of the account.
    package var orders: Limit?
    /// Certificates under one registered domain.
    package var registeredDomain: Limit?
    /// Certificates for the same host.
    package var duplicates: Limit?
    /// Failed authorisations of one host.
    package var failedAuthorisations: Limit?
    /// Whether orders that name the certificate they replace (RFC 9773 §5) are free.
    package var exemptsRenewals: Bool

    /// Limits; without any the CA alone says when it is enough.
    package init(
        orders: Limit? = nil, registeredDomain: Limit? = nil, duplicates: Limit? = nil,
        failedAuthorisations: Limit? = nil, exemptsRenewals: Bool = false
    ) {
        self.orders = orders
        self.registeredDomain = registeredDomain
        self.duplicates = duplicates
        self.failedAuthorisations = failedAuthorisations
        self.exemptsRenewals = exemptsRenewals
    }

    /// No limit of ours.
    package static let none = BudgetLimits()

    /// What Let's Encrypt publishes: https://letsencrypt.org/docs/rate-limits/.
    package static let letsEncrypt = BudgetLimits(
        orders: Limit(300, per: 3 * 3_600), registeredDomain: Limit(50, per: 7 * 86_400),
        duplicates: Limit(5, per: 7 * 86_400), failedAuthorisations: Limit(5, per: 3_600), exemptsRenewals: true)

    /// Whether anything is limited.
    package var isNone: Bool { all.isEmpty }

    /// The longest window, in seconds.
    package var longest: Int { all.map(\.seconds).max() ?? 0 }

    private var all: [Limit] { [orders, registeredDomain, duplicates, failedAuthorisations].compactMap { $0 } }
}

/// The budget of one issuer's account: its name, its limits, and what counts as one registered domain.
package struct BudgetRules: Sendable {
    /// The issuer's name.
    package var issuer: String
    /// Its limits.
    package var limits: BudgetLimits
    /// Where registered domains begin.
    package var suffixes: PublicSuffixes

    /// Rules.
    package init(issuer: String, limits: BudgetLimits, suffixes: PublicSuffixes = .none) {
        self.issuer = issuer
        self.limits = limits
        self.suffixes = suffixes
    }
}
