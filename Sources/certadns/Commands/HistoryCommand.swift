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
    @Option(help: "text or json.") var format = OutputFormat.text

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
            let entries = try await run.wiring.reader()?.history(of: name, limit: limit)
            if format == .json {
                let document = HistoryDocument(entries: (entries ?? []).map(HistoryDocument.Entry.init))
                Terminal.print(try PrettyJSON.text(document))
            } else if let entries {
                for entry in entries { Terminal.print(Self.line(entry)) }
            } else {
                Terminal.print("Nothing was applied yet.\n")
            }
        }
    }

    private static func line(_ entry: AuditEntry) -> String {
        let digest = entry.note.digest.map { " manifest \($0.prefix(12))" } ?? ""
        let commit = entry.note.commit.map { " commit \($0.prefix(12))" } ?? ""
        return
            "\(entry.at) \(entry.zone) \(Escaping.terminal(entry.note.what)) by \(Escaping.terminal(entry.owner.who))\(digest)\(commit)\n"
    }
}

/// `history --format json`, newest first.
struct HistoryDocument: Encodable {
    let entries: [Entry]

    struct Entry: Encodable {
        let at: Instant
        let zone: DomainName
        let kind: String
        let what: String
        let who: String
        let runner: String
        let command: String
        let manifest: String?
        let commit: String?

        init(_ entry: AuditEntry) {
            at = entry.at
            zone = entry.zone
            kind = entry.kind
            what = entry.note.what
            who = entry.owner.who
            runner = entry.owner.runner
            command = entry.owner.command
            manifest = entry.note.digest
            commit = entry.note.commit
        }
    }
}
