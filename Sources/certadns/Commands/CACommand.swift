import ArgumentParser
import LocalCA
import Manifests

/// `certadns ca`.
struct CACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Print the local CA's root certificate, making the CA on first use.")

    @OptionGroup var project: ProjectOptions

    func run() async throws {
        try await Reporting.errors {
            let wiring = try Wiring(project)
            if case .acme(let choices) = wiring.configuration.issuer {
                throw Refusal(
                    message:
                        "the issuer of the configuration is \(choices.host), so there is no CA of our own to print",
                    action: "trust that CA's root as it publishes it, or set 'issuer: {type: local}'")
            }
            Terminal.print(
                try LocalAuthority(folder: wiring.stateFolder, now: Wiring.now(), seal: try wiring.seal()).rootPEM)
        }
    }
}
