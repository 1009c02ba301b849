import ArgumentParser
import DNS
import Manifests
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
    @Option(help: "text or json.") var format = DataFormat.text

    func run() async throws {
        try await Reporting.errors {
            var name: DomainName?
            if let zone {
                guard let parsed = ZoneName.parse(key: zone) else {
                    throw Refusal(message: "'\(zone)' is no domain name", action: "name a zone")
                }
                name = parsed
            }
            let entries = try await Self.entries(
                try await Wiring(project).stateReader(judged: false), of: name, limit: limit)
            let history = History(entries.map(Self.entry))
            Terminal.print(format == .json ? try PrettyJSON.text(history) : history.text)
        }
    }

    /// Newest first, also where one word means a mail domain and a name of serve.
    private static func entries(
        _ reader: (any StateReading)?, of name: DomainName?, limit: Int
    ) async throws -> [AuditEntry] {
        guard let reader else { return [] }
        guard let name else { return try await reader.history(of: nil, limit: limit) }
        var found: [[AuditEntry]] = []
        for key in CertificateOwner.keys(meant: name) { found.append(try await reader.history(of: key, limit: limit)) }
        let filled = found.filter { !$0.isEmpty }
        if filled.count == 1 { return filled[0] }
        let sorted = filled.joined().enumerated().sorted { ($1.element.at, $0.offset) < ($0.element.at, $1.offset) }
        return Array(sorted.prefix(limit).map(\.element))
    }

    private static func entry(_ entry: AuditEntry) -> History.Entry {
        History.Entry(
            at: entry.at, zone: entry.zone, kind: entry.kind, what: entry.note.what, who: entry.owner.who,
            runner: entry.owner.runner, command: entry.owner.command, manifest: entry.note.digest,
            commit: entry.note.commit)
    }
}
