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
    @Option(help: "text, json or markdown.") var format = OutputFormat.text

    func run() async throws {
        try await Reporting.errors {
            let only = try zones.selection()
            var plan = try await PlanRun(project, only: only).plan(only: only)
            let status = ExitStatus.of(plan, detailed: false)
            for index in plan.zones.indices {
                plan.zones[index].steps.removeAll { !$0.causes.contains(.drift) }
                if plan.zones[index].verdict == .changes, plan.zones[index].steps.isEmpty {
                    plan.zones[index].verdict = .inSync
                }
            }
            Terminal.print(try PlanOutput.text(plan, format))
            let hasDrift = plan.zones.contains { !$0.steps.isEmpty }
            try (status == .fine && hasDrift ? ExitStatus.changes : status).end()
        }
    }
}
