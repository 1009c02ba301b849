import ArgumentParser
import Foundation
import Planning

/// The command line's entry.
@main
struct CertaDNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certadns",
        abstract: "MTA-STS (RFC 8461) and TLS-RPT (RFC 8460) as code.",
        discussion: """
            Exit status: 0 nothing to do or all done; 1 error, nothing could be done; 2 changes (plan --detailed-exitcode, status) \
            or drift; 3 a person is needed; 4 some zones failed, the others are done; 5 another run holds the lease.
            """,
        subcommands: [
            ValidateCommand.self, PlanCommand.self, ApplyCommand.self, DriftCommand.self, StatusCommand.self,
            HistoryCommand.self,
            ServeCommand.self, UpCommand.self, CACommand.self,
        ])

    /// Wrong use is status 1 here, as every other error that lets nothing be done.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            let code = exitCode(for: error)
            if code == .validationFailure {
                FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
                Foundation.exit(ExitStatus.error.rawValue)
            }
            exit(withError: error)
        }
    }
}
