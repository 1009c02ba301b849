/// How long a sender may cache a policy, in seconds (RFC 8461 §3.2).
package struct MaxAge: Hashable, Comparable, Sendable, Codable {
    /// Seconds, 0 to 31557600.
    package let seconds: Int

    /// What RFC 8461 §3.2 allows: up to 365.25 days.
    package static let allowed = 0...31_557_600
    /// Outside of this some senders replace the value by a day (SND-3).
    package static let safe = 3_600...31_557_599

    /// A day: what a policy that is being withdrawn states, and what senders put in place of a value they do not take.
    package static let day = MaxAge(known: 86_400)

    /// The longest that there is.
    package static let longest = MaxAge(known: 31_557_600)

    /// A value that is known to be allowed.
    private init(known seconds: Int) { self.seconds = seconds }

    /// `nil` outside what the RFC allows.
    package init?(seconds: Int) {
        guard Self.allowed.contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// Shorter is smaller.
    package static func < (a: MaxAge, b: MaxAge) -> Bool { a.seconds < b.seconds }

    /// As a bare number of seconds.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }

    /// From a number of seconds.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let age = MaxAge(seconds: try container.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "max_age is outside 0...31557600")
        }
        self = age
    }
}

extension MaxAge: CustomStringConvertible {
    /// The seconds, as the policy file states them.
    package var description: String { "\(seconds)" }
}
