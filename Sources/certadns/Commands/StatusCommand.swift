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
    @Option(help: "text or json.") var format = DataFormat.text

    func run() async throws {
        try await Reporting.errors {
            let only = try zones.selection()
            let run = try await PlanRun(project, only: only)
            let statuses = try await run.statuses(only: only)
            let findings = run.project.findings
            switch format {
            case .json:
                let document = StatusDocument(isLab: run.wiring.isLab, zones: statuses, findings: findings)
                Terminal.print(try PrettyJSON.text(document))
            case .text:
                Terminal.print(
                    StatusText(Terminal.style, isLab: run.wiring.isLab).render(statuses, findings: findings))
            }
            try ExitStatus.of(statuses, findings: findings).end()
        }
    }
}
