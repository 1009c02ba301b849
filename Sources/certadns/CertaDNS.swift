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
            or drift; 3 a person is needed; 4 some zones failed, the others are done; 5 another run holds the lease. A reader who \
            leaves early (a closed pipe) changes none of them; output that can't be written makes 0 and 2 a 1.
            """,
        subcommands: [
            ValidateCommand.self, PlanCommand.self, ApplyCommand.self, DriftCommand.self, StatusCommand.self,
            HistoryCommand.self, ImportCommand.self, ReleaseCommand.self, RelaxCommand.self, RetryCommand.self,
            UnlockCommand.self,
            ServeCommand.self, UpCommand.self, TokenCommand.self, CACommand.self, ACMECommand.self, KeysCommand.self,
        ])

    /// Wrong use is status 1 here, as every other error that lets nothing be done.
    static func main() async {
        // Who reads us may leave: that is an error of a write, not the end of a step.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            endIfUnwritten()
        } catch {
            let code = exitCode(for: error)
            if code == .validationFailure {
                Terminal.tell(fullMessage(for: error))
                Foundation.exit(ExitStatus.error.rawValue)
            }
            if code.rawValue == ExitStatus.changes.rawValue { endIfUnwritten() }
            exit(withError: error)
        }
    }

    /// Nobody may take a lost result for a good one.
    private static func endIfUnwritten() {
        guard let words = Terminal.outputFailure else { return }
        Terminal.tell("error: \(words)")
        Foundation.exit(ExitStatus.error.rawValue)
    }
}
