package import DNS
import MTASTS
package import Planning

/// Policies as their host serves them.
package enum PolicyText {
    /// What each address answered to a sender's look.
    package static func render(_ looks: [PolicyLook], of zone: DomainName) -> String {
        looks.map { look in
            let head = "\(WellKnown.url(zone)) at \(look.address)"
            return switch look.answer {
            case .served(let body):
                ([head + ":"] + body.split(whereSeparator: \.isNewline).map { "  " + $0 }).map(line).joined()
            case .notServed(_, let words): line("\(head) is not served: \(words)")
            case .unknown(let words): line("\(head) can't be read: \(words)")
            }
        }.joined()
    }

    private static func line(_ text: String) -> String { Escaping.terminal(text) + "\n" }
}
