import DNS
import MTASTS
package import Planning
package import Ports

/// Says exactly what a step would write, without writing it. Has no writer of policies or certificates in hand.
package struct DryRun: Sendable {
    private let dns: any DNSWriter

    /// A dry run against a zone's provider.
    package init(dns: any DNSWriter) { self.dns = dns }

    /// The step's writes, line by line.
    package func lines(of step: Step) async -> [String] {
        switch step.effect {
        case .records(let change): return await dns.describe(change)
        case .certificate(let names, let issuer):
            return ["certificate request to '\(issuer)' for \(names.map(\.description).joined(separator: ", "))"]
        case .delivery(let host): return ["certificate and key of \(host) to the web server"]
        case .removal(let host): return ["take away the \(step.resource.words) of \(host)"]
        case .challenge(let proof): return ["take away \(proof.place)"]
        case .policy(let body, _):
            return ["policy file, id \(body.id):"] + body.body.split(whereSeparator: \.isNewline).map { "  \($0)" }
        }
    }
}
