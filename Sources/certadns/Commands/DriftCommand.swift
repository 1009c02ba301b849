import ArgumentParser
import Planning
import Rendering

/// `certadns drift`.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Show what was changed outside git since it was last applied. Touches nothing.",
        discussion: "Exits with 2 when there is any.")

    @OptionGroup var project: ProjectOptions
    @OptionGroup var zones: ZoneArguments
    @Option(help: "text, json, markdown or github.") var format = PlanFormat.text

    func run() async throws {
        try await Reporting.errors {
            let only = try zones.selection()
            let plan = try await PlanRun(project, only: only).plan(only: only)
            let status = ExitStatus.of(plan, detailed: false)
            let drift = plan.drift
            Terminal.print(try PlanOutput.text(drift.plan, format, scope: drift.scope))
            let hasDrift = drift.plan.zones.contains { !$0.steps.isEmpty }
            try (status == .fine && hasDrift ? ExitStatus.changes : status).end()
        }
    }
}
