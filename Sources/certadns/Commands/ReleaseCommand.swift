import ArgumentParser
import DNS
import Files
import Foundation
import Planning
import Ports

/// `certadns release`.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "End the management of a zone and touch nothing: what is out stays out.",
        discussion: """
            Prints a receipt: which policies were served, and until when senders may hold each. Another instance takes the zone over by it \
            ('adopt: {receipt: FILE}'), and counts with those policies as if they were its own. Nobody renews the policy host's \
            certificate from then on.
            """)

    @OptionGroup var project: ProjectOptions
    @Argument(help: "The zone.") var zone: String
    @Option(help: "Write the receipt to this file.") var out: String?

    func run() async throws {
        try await Reporting.errors {
            let name = try ZoneArguments.name(zone)
            try await Wiring(project).byHand { try await release(name, $0) }
        }
    }

    private func release(_ zone: DomainName, _ store: any LedgerStore) async throws {
        let lease = try await store.acquire(zone, by: .thisProcess(), for: 60)
        do {
            let ledger = try await store.ledger(of: zone)
            guard ledger.isManaged else {
                throw Refusal(message: "no ledger manages the zone \(zone)", action: "mend the name")
            }
            guard ledger.intents.isEmpty else {
                throw Refusal(
                    message: "a run of \(zone) began steps and did not see their end",
                    action: "run 'certadns apply \(zone)' first, so that the receipt tells what is out")
            }
            let receipt = try ReleaseReceipt(for: ledger, at: try await store.now()).encoded()
            // The receipt is safe before the ledger forgets.
            if let out {
                let isNew: Bool
                do throws(FileError) { isNew = try DurableFile.create(receipt, at: out, mode: 0o644) } catch {
                    throw Refusal(message: "'\(out)' can't be written: \(error)", action: "name another file")
                }
                guard isNew else { throw Refusal(message: "'\(out)' is there already", action: "name another file") }
            } else {
                Terminal.print(String(decoding: receipt, as: UTF8.self))
                if let words = Terminal.outputFailure { throw Refusal(message: words, action: "use --out FILE") }
            }
            try await store.record(
                .released, under: lease,
                audit: AuditNote(
                    commit: nil, digest: nil, what: "released: what is out stays, and is managed no longer"))
        } catch {
            try? await store.release(lease)
            throw error
        }
        try await store.release(lease)
        Terminal.tell(
            "\(zone) is managed here no longer. Take its manifest out of zones/: while it is there, the next apply may take the zone back."
        )
    }
}
