import ArgumentParser
import DNS
import Files
import Foundation
import Planning
import Ports
import Reconciler

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
    @Flag(help: "Also where steps, an order or a relaxation are open that nothing ends any more.") var force = false

    func run() async throws {
        try await Reporting.errors {
            let name = try ZoneArguments.name(zone)
            let manifest = await Project.read(project, only: [name]).wishes.first { $0.zone == name }?.digest
            let shelf = Releasing.Shelf(keep: { [out] in Self.keep($0, out) }, discard: { [out] in Self.discard(out) })
            let end = try await Wiring(project).byHand { store in
                try await Releasing(store: store, owner: .thisProcess(), force: force)
                    .release(name, manifest: manifest, to: shelf)
            }
            switch end {
            case .refused(let refusal): throw Refusal(message: refusal.message, action: refusal.action)
            case .released(let leaving):
                for words in leaving { Terminal.tell("left as it is: \(words)") }
                Terminal.tell(
                    "\(name) is managed here no longer. Take its manifest out of zones/: while it is there as it is, every plan of it is blocked (zone-released), and once it is changed the zone is taken back."
                )
            }
        }
    }

    private static func keep(_ receipt: ReleaseReceipt, _ out: String?) -> ReleaseRefusal? {
        guard let octets = try? receipt.encoded() else {
            return ReleaseRefusal("the receipt can't be written down", action: "report that: it is a defect")
        }
        guard let out else {
            Terminal.print(String(decoding: octets, as: UTF8.self))
            return Terminal.outputFailure.map { ReleaseRefusal($0, action: "use --out FILE") }
        }
        do throws(FileError) {
            guard try DurableFile.create(octets, at: out, mode: 0o644) else {
                return ReleaseRefusal("'\(out)' is there already", action: "name another file")
            }
            return nil
        } catch {
            return ReleaseRefusal("'\(out)' can't be written: \(error)", action: "name another file")
        }
    }

    /// The zone is managed as before: a receipt that says otherwise would mislead.
    private static func discard(_ out: String?) {
        if let out {
            try? FileManager.default.removeItem(atPath: out)
        } else {
            Terminal.tell("the receipt above does not count: the zone is managed as before")
        }
    }
}
