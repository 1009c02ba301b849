/// What a look at one part of the world gave. Unknown never reads as absent (design, rule 10).
package enum Observation<Value> {
    /// It was seen.
    case value(Value)
    /// It was positively seen not to be there.
    case absent(Absence)
    /// The question could not be answered; nothing may be concluded from it.
    case unknown(Unknown)

    /// The value, where there is one.
    package var value: Value? { if case .value(let value) = self { value } else { nil } }

    /// Why nothing is known, where nothing is.
    package var unknown: Unknown? { if case .unknown(let unknown) = self { unknown } else { nil } }

    /// Whether it was positively seen not to be there.
    package var isAbsent: Bool { if case .absent = self { true } else { false } }

    /// The same look, with the value seen otherwise.
    package func map<Other>(_ transform: (Value) -> Other) -> Observation<Other> {
        switch self {
        case .value(let value): .value(transform(value))
        case .absent(let absence): .absent(absence)
        case .unknown(let unknown): .unknown(unknown)
        }
    }
}

extension Observation: Equatable where Value: Equatable {}
extension Observation: Hashable where Value: Hashable {}
extension Observation: Sendable where Value: Sendable {}
extension Observation: Codable where Value: Codable {}

/// How something is not there.
package enum Absence: Hashable, Sendable, Codable {
    /// The name does not exist, or has no record of the type.
    case plain
    /// Nothing stands at the name itself, but a wildcard answers for it; a new record will hide these data.
    case coveredByWildcard([String])
}

/// Why a question was not answered.
package struct Unknown: Hashable, Sendable, Codable {
    /// One sentence for people, with the server or file asked.
    package let reason: String
    /// Whether asking again soon may help.
    package let passing: Bool

    /// An unanswered question.
    package init(_ reason: String, passing: Bool = true) {
        self.reason = reason
        self.passing = passing
    }
}
