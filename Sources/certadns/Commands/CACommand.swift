import ArgumentParser
import LocalCA

/// `certadns ca`.
struct CACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Print the local CA's root certificate, making the CA on first use.")

    @OptionGroup var project: ProjectOptions

    func run() async throws {
        try await Reporting.errors {
            Terminal.print(try LocalAuthority(folder: try Wiring(project).stateFolder, now: Wiring.now()).rootPEM)
        }
    }
}
