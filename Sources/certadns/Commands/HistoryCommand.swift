import ArgumentParser
import DNS
import Planning
import Ports
import Rendering
import Storage

/// `certadns history`.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what was applied, when, by whom and from which manifest. Touches nothing.")

    @OptionGroup var project: ProjectOptions
    @Argument(help: "A zone (default: all).") var zone: String?
    @Option(help: "At most so many lines.") var limit = 50

    func run() async throws {
        try await Reporting.errors {
            let run = try await PlanRun(project)
            var name: DomainName?
            if let zone {
                guard let parsed = try? DomainName(zone) else {
                    throw Refusal(message: "'\(zone)' is no domain name", action: "name a zone")
                }
                name = parsed
            }
            guard let reader = try run.wiring.reader() else {
                Terminal.print("Nothing was applied yet.\n")
                return
            }
            for entry in try await reader.history(of: name, limit: limit) {
                let digest = entry.note.digest.map { " manifest \($0.prefix(12))" } ?? ""
                let commit = entry.note.commit.map { " commit \($0.prefix(12))" } ?? ""
                Terminal.print(
                    "\(entry.at) \(entry.zone) \(Escaping.terminal(entry.note.what)) by \(Escaping.terminal(entry.owner.who))\(digest)\(commit)\n"
                )
            }
        }
    }
}
