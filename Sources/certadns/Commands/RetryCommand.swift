import ArgumentParser
import DNS
import Manifests
import Planning
import Ports
import Reconciler
import Rendering

/// `certadns retry`.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "End by hand a zone's wait with its CA, once the cause is gone.",
        discussion: """
            After a failure, or where the CA asks to wait, nothing is ordered for a while. This ends the wait, also one of a running \
            serve for a CA or a name server that was away; the next apply, or a running serve within a minute, tries again. A wait for \
            the account's budget is told and stays. Ends with 1 where no wait was ended, with 5 where another run holds a zone.
            """)

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("Zones whose wait shall end.", valueName: "zone")) var zones: [String]

    func run() async throws {
        try await Reporting.errors {
            let names = try zones.map(ZoneArguments.name)
            let wiring = try Wiring(project)
            let rules = try wiring.issuing.budget()
            var ends: [WaitEnding.End] = []
            try await wiring.byHand { store in
                let ending = WaitEnding(store: store, owner: .thisProcess(), issuer: rules?.issuer, rules: rules)
                for name in names {
                    for zone in try await Self.known(name, store) {
                        let end = try await ending.end(zone)
                        Terminal.print("\(CertificateOwner(key: zone)): \(Escaping.terminal(Self.words(end)))\n")
                        ends.append(end)
                    }
                }
            }
            try Self.status(ends).end()
        }
    }

    /// A mail domain and a name of serve may be called the same: both are meant.
    private static func known(_ name: DomainName, _ store: any ByHand) async throws(Failure) -> [DomainName] {
        var known: [DomainName] = []
        for key in CertificateOwner.keys(meant: name) where try await store.ledger(of: key) != ZoneLedger(zone: key) {
            known.append(key)
        }
        return known.isEmpty ? [name] : known
    }

    private static func status(_ ends: [WaitEnding.End]) -> ExitStatus {
        if ends.contains(where: { if case .busy = $0 { true } else { false } }) { return .busy }
        return ends.contains { if case .ended = $0 { true } else { false } } ? .fine : .error
    }

    private static func words(_ end: WaitEnding.End) -> String {
        switch end {
        case .unknown: "the ledger does not know this zone"
        case .none: "it does not wait for a CA"
        case .budget(let wait):
            "it waits for the account's budget until \(wait.until), which 'certadns retry' does not end: \(wait.reason); where the CA allows more, raise the issuer's 'budget' in certadns.yaml"
        case .busy(let words): words
        case .ended(let hold): "its wait until \(hold.until) is over; it waited since: \(hold.reason)"
        }
    }
}
