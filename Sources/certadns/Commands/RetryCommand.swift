import ArgumentParser
import DNS
import Manifests
import Planning
import Ports
import Rendering
import Storage

/// `certadns retry`.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "End by hand a zone's wait with its CA, once the cause is gone.",
        discussion: """
            After a failure, or where the CA asks to wait, nothing is ordered for a while. This ends the wait; the next apply, or a \
            running serve within a minute, tries again. Ends with 1 where no named zone waited, with 5 where another run holds one.
            """)

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("Zones whose wait shall end.", valueName: "zone")) var zones: [String]

    func run() async throws {
        try await Reporting.errors {
            let names = try zones.map { text in
                guard let name = ZoneName.parse(key: text) else {
                    throw Refusal(message: "'\(text)' is no domain name", action: "name a zone")
                }
                return name
            }
            let wiring = try Wiring(project)
            guard try wiring.reader() != nil else {
                throw Refusal(
                    message: "there is no ledger in '\(wiring.stateFolder)'",
                    action: "check 'state' in the configuration")
            }
            let store = try wiring.store()
            defer { try? store.close() }
            var ends: [End] = []
            let issuer = try wiring.issuing.budget()?.issuer
            for name in names {
                for zone in try await Self.known(name, store) { ends.append(try await Self.end(zone, store, issuer)) }
            }
            try Self.status(ends).end()
        }
    }

    /// How one zone's wait ended, or did not.
    private enum End { case ended, none, busy }

    /// A mail domain and a name of serve may be called the same: both are meant.
    private static func known(_ name: DomainName, _ store: SQLiteStore) async throws(Failure) -> [DomainName] {
        var known: [DomainName] = []
        for key in CertificateOwner.keys(meant: name) where try await store.ledger(of: key) != ZoneLedger(zone: key) {
            known.append(key)
        }
        return known.isEmpty ? [name] : known
    }

    private static func status(_ ends: [End]) -> ExitStatus {
        if ends.contains(.busy) { return .busy }
        return ends.contains(.ended) ? .fine : .error
    }

    private static func end(_ zone: DomainName, _ store: SQLiteStore, _ issuer: String?) async throws(Failure) -> End {
        guard try await store.ledger(of: zone) != ZoneLedger(zone: zone) else {
            return tell(zone, .none, "the ledger does not know this zone")
        }
        let lease: Lease
        do throws(Failure) { lease = try await store.acquire(zone, by: .thisProcess(), for: 60) } catch {
            guard error.kind == .busy else { throw error }
            return tell(zone, .busy, error.detail)
        }
        let own = try await store.ledger(of: zone).issuance.hold.map {
            BudgetRefusal(until: $0.until, reason: $0.reason)
        }
        // What the CA said to the whole account holds this zone too.
        let all: BudgetRefusal? = if let issuer { try await store.hold(of: issuer) } else { nil }
        let now = try await store.now()
        guard let hold = [own, all].compactMap({ $0 }).max(by: { $0.until < $1.until }), hold.until > now else {
            try await store.release(lease)
            return tell(zone, .none, "it does not wait for a CA")
        }
        let note = AuditNote(commit: nil, digest: nil, what: "ended by hand the wait until \(hold.until)")
        try await store.record(.issuance(.waitEnded(issuer: issuer)), under: lease, audit: note)
        try await store.release(lease)
        return tell(zone, .ended, "its wait until \(hold.until) is over; it waited since: \(hold.reason)")
    }

    private static func tell(_ zone: DomainName, _ end: End, _ words: String) -> End {
        Terminal.print("\(CertificateOwner(key: zone)): \(Escaping.terminal(words))\n")
        return end
    }
}
