import ArgumentParser
import DNS
import Manifests
import Planning
import Ports
import Rendering
import Storage

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
            var isHeld = false
            for zone in names {
                let words: String
                if force {
                    words = try await store.breakLease(of: zone, by: .thisProcess()).map(Self.broken) ?? Self.free
                } else if let held = try await store.holder(of: zone) {
                    words =
                        "held by \(held.owner.words) since \(held.since), until \(held.freeAt) at the latest; 'certadns unlock --force' ends that"
                    isHeld = true
                } else {
                    words = Self.free
                }
                Terminal.print("\(zone): \(Escaping.terminal(words))\n")
            }
            try (isHeld ? ExitStatus.busy : .fine).end()
        }
    }

    private static let free = "nobody holds it"

    private static func broken(_ lease: BrokenLease) -> String {
        "the lease of \(lease.owner.words) since \(lease.since) is over; others may take the zone from \(lease.freeAt) on"
    }
}
