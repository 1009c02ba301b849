import ArgumentParser

/// The command line's entry.
@main
struct CertaDNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certadns", abstract: "MTA-STS and TLS-RPT as code.")
}
