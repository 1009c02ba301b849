import ArgumentParser
import DNS
import Foundation
import Planning
import Reconciler
import Rendering

/// `certadns status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how each zone stands, judged from what DNS and HTTPS answer. Touches nothing.")

    @OptionGroup var project: ProjectOptions
    @OptionGroup var zones: ZoneArguments
    @Option(help: "text or json.") var format = OutputFormat.text

    func run() async throws {
        try await Reporting.errors {
            let only = try zones.selection()
            let run = try await PlanRun(project, only: only)
            let statuses = try await run.statuses(only: only)
            switch format {
            case .json:
                Terminal.print(try PrettyJSON.text(StatusDocument(isLab: run.wiring.isLab, zones: statuses)))
            case .text, .markdown, .github:
                Terminal.print(StatusText(Terminal.style, isLab: run.wiring.isLab).render(statuses))
            }
            let isFine = statuses.allSatisfy { $0.state == .ready || $0.state == .notApplicable }
            try (isFine ? ExitStatus.fine : .blocked).end()
        }
    }
}

/// `status --format json`.
struct StatusDocument: Encodable {
    /// Whether roots other than the system's are trusted.
    let isLab: Bool
    let zones: [ZoneStatus]
}

extension PlanRun {
    /// Each zone's status from a fresh look.
    func statuses(only: Set<DomainName>?) async throws -> [ZoneStatus] {
        let reader = try wiring.reader()
        let planner = wiring.planner(reader)
        let wishes = try await planner.wishes(project.wishes, only: only)
        try Self.check(only, against: wishes)
        return try await planner.statuses(wishes, now: Wiring.now())
    }
}
