import ArgumentParser
import LocalCA

/// `certadns ca`.
struct CACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Print the local CA's root certificate, making the CA on first use.")

    @OptionGroup var project: ProjectOptions

    func run() async throws {
        try await Reporting.errors {
            let wiring = try Wiring(project)
            Terminal.print(
                try LocalAuthority(folder: wiring.stateFolder, now: Wiring.now(), seal: try wiring.seal()).rootPEM)
        }
    }
}
