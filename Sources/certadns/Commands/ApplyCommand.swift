import ArgumentParser
import DNS
import Foundation
import Planning
import Ports
import Reconciler
import Rendering
import Storage

/// `certadns apply`.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make the live world what the manifests ask for, in the order that loses no mail.")

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("A saved plan (FILE.json), or zones (default: all).", valueName: "plan or zone"))
    var targets: [String] = []
    @Flag(help: "Do not ask.") var autoApprove = false
    @Flag(help: "Show every write, and write nothing.") var dryRun = false
    @Option(help: "text or json.") var format = OutputFormat.text

    func run() async throws {
        try await Reporting.errors {
            let run = try await PlanRun(project)
            let saved = try savedPlan()
            let only = try saved.map { Set($0.plan.zones.map(\.zone)) } ?? ZoneArguments.selection(targets)
            if dryRun { return try await show(run, only: only) }
            if !autoApprove { try await approve(run, only: only) }
            let outcomes = try await ApplyRunner(run: run, format: format).apply(only: only, reviewed: saved?.plan)
            try ExitStatus.of(outcomes).end()
        }
    }

    private func savedPlan() throws -> PlanDocument? {
        guard let first = targets.first, first.hasSuffix(".json") else { return nil }
        guard targets.count == 1 else {
            throw Refusal(message: "a saved plan comes alone", action: "name either one plan or zones")
        }
        return try PlanFile.read(first, now: Wiring.now())
    }

    private func approve(_ run: PlanRun, only: Set<DomainName>?) async throws {
        guard Terminal.isInteractive else {
            throw Refusal(message: "there is nobody to ask", action: "add --auto-approve, or run it at a terminal")
        }
        Terminal.print(PlanText(Terminal.style).render(try await run.plan(only: only)))
        guard Terminal.confirm("Apply this? Only 'yes' is taken:") else {
            throw Refusal(message: "nothing was applied", action: "answer 'yes' to apply")
        }
    }

    private func show(_ run: PlanRun, only: Set<DomainName>?) async throws {
        let plan = try await run.plan(only: only)
        Terminal.print(PlanText(Terminal.style).render(plan))
        let wishes = Dictionary(run.project.wishes.map { ($0.zone, $0) }) { first, _ in first }
        for zone in plan.zones where !zone.steps.isEmpty {
            guard let wish = wishes[zone.zone] else { continue }
            Terminal.print("\(zone.zone) would write:\n")
            for described in try await run.wiring.describe(zone, wish: wish) {
                for line in described { Terminal.print("  \(Escaping.terminal(line))\n") }
            }
        }
        try ExitStatus.of(plan, detailed: false).end()
    }
}

extension ZoneArguments {
    fileprivate static func selection(_ names: [String]) throws -> Set<DomainName>? {
        var arguments = ZoneArguments()
        arguments.names = names
        return try arguments.selection()
    }
}
