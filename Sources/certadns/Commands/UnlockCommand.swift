import ArgumentParser
import DNS
import Planning
import Ports
import Rendering

/// `certadns unlock`.
struct UnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Show who holds zones' leases; with --force, end them.",
        discussion: """
            A lease ends by itself minutes after its holder died, so this is for a holder that hangs. What it does from then on is \
            refused; others may take the zone once a write that it may have under way has had its time. Ends with 5 where a zone is \
            held and stays so.
            """)

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("Zones.", valueName: "zone")) var zones: [String]
    @Flag(help: "End the leases.") var force = false

    func run() async throws {
        try await Reporting.errors {
            let names = try zones.map(ZoneArguments.name)
            let wiring = try Wiring(project)
            var isHeld = false
            var isUnknown = false
            try await wiring.byHand { store in
                for zone in names {
                    let words: String
                    if force, let lease = try await store.breakLease(of: zone, by: .thisProcess()) {
                        words = Self.broken(lease)
                    } else if let held = try await store.holder(of: zone) {
                        words =
                            "held by \(held.owner.words) since \(held.since), until \(held.freeAt) at the latest; 'certadns unlock --force' ends that"
                        isHeld = true
                    } else if try await store.ledger(of: zone) == ZoneLedger(zone: zone) {
                        words = "the ledger does not know this zone"
                        isUnknown = true
                    } else {
                        words = Self.free
                    }
                    Terminal.print("\(zone): \(Escaping.terminal(words))\n")
                }
            }
            try (isHeld ? ExitStatus.busy : isUnknown ? .error : .fine).end()
        }
    }

    private static let free = "nobody holds it"

    private static func broken(_ lease: BrokenLease) -> String {
        "the lease of \(lease.owner.words) since \(lease.since) is over; others may take the zone from \(lease.freeAt) on"
    }
}
