import ACME
import ArgumentParser
import Findings
import Planning
import Ports
import Rendering
import Storage

/// `certadns acme account`.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Show the account with the CA, or change it. Its key is never shown.")

    @OptionGroup var project: ProjectOptions
    @Option(help: "Replace where the CA writes to, as mailto:ADDRESS; may be given several times.")
    var contact: [String] = []
    @Flag(help: "Give the account a fresh key.") var rollOver = false
    @Flag(help: "Make another account with a fresh key, as after the CA lost the old one.") var new = false
    @Flag(help: "With --new: close the old account for good.") var deactivateOld = false

    func validate() throws {
        guard [!contact.isEmpty, rollOver, new].count(where: { $0 }) < 2 else {
            throw ValidationError("--contact, --roll-over and --new go one at a time")
        }
        guard new || !deactivateOld else { throw ValidationError("--deactivate-old goes with --new") }
        for address in contact where !address.hasPrefix("mailto:") || !address.contains("@") {
            throw ValidationError("'\(address)' is no contact that CAs take; write it as mailto:ops@example.com")
        }
    }

    func run() async throws {
        try await Reporting.errors {
            let wiring = try Wiring(project)
            // Only looking makes no state folder.
            if !new, contact.isEmpty, !rollOver, (try await wiring.reader()) == nil { throw CommonRefusal.noAccount }
            let store = try await wiring.store()
            defer { try? store.close() }
            guard let acme = try wiring.issuing.acme(store) else { throw CommonRefusal.notACME }
            let account = try await changed(acme.accounts, acme.terms)
            if !contact.isEmpty { try await acme.issuer.change(account, contact: contact) }
            let report = try await acme.issuer.report(on: account)
            Terminal.print(text(report, external: acme.terms.external?.kid))
        }
    }

    private func changed(_ accounts: ACMEAccounts, _ terms: AccountTerms) async throws -> ACMEAccount {
        if new { return try await accounts.makeAnother(terms, closing: deactivateOld) }
        guard let known = try await accounts.known() else { throw CommonRefusal.noAccount }
        return rollOver ? try await accounts.rollOver(terms) : known
    }

    private func text(_ report: AccountReport, external: String?) -> String {
        var lines = [
            ("directory", report.directory), ("account", report.url), ("status", report.status),
            ("contact", report.contact.isEmpty ? "none" : report.contact.joined(separator: ", ")),
            ("key", "P-256, thumbprint \(report.thumbprint)"),
        ]
        if let external { lines.append(("external account", external)) }
        if !report.profiles.isEmpty { lines.append(("profiles", report.profiles.joined(separator: ", "))) }
        let names = report.identities.isEmpty ? ["<the CA's name, see its pages>"] : report.identities
        lines += names.map { ("CAA to add", #"CAA 0 issue "\#($0); accounturi=\#(report.url)""#) }
        let text = lines.map { "\($0.0): \(Escaping.terminal($0.1))\n" }.joined()
        guard !contact.isEmpty else { return text }
        return text + "note: write the contact into \(project.config) too, for an account that may be made later\n"
    }
}

/// What ends these commands before anything is asked.
enum CommonRefusal {
    static let notACME = Refusal(
        message: "the issuer of the configuration is the local CA, which has no accounts and revokes nothing",
        action: "set 'issuer: {type: acme, directory: URL}', or name another configuration with --config")
    static let noAccount = Refusal(
        message: "there is no account with the CA yet",
        action: "nothing: the first certificate makes it; or make it now with 'certadns acme account --new'")
}
