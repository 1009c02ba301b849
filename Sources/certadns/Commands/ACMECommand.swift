import ArgumentParser

/// `certadns acme`.
struct ACMECommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acme", abstract: "Look after the account with the CA, and revoke certificates.",
        subcommands: [AccountCommand.self, RevokeCommand.self])
}
