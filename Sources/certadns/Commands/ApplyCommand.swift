import ArgumentParser
import DNS
import Findings
import Foundation
import Planning
import Ports
import Rendering

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
    @Option(help: "How long to wait for a zone that another run holds, such as 5m.") var lockTimeout: DurationOption?
    @Flag(help: "Apply an older commit than the one last applied, or one of which that can't be told.")
    var allowOlder = false
    @Option(help: "'mx': nothing but that policies list the mail hosts that MX names now.") var only: ApplyScope?
    @Option(help: "The digest of a saved plan that changes more zones than 'max_changes' lets: that plan alone may.")
    var accept: String?
    @Option(help: "text or json.") var format = DataFormat.text

    func run() async throws {
        try await Reporting.errors {
            let saved = try savedPlan()
            if saved != nil, self.only != nil {
                throw Refusal(
                    message: "'--only' goes with zones, not with a saved plan", action: "leave one of them out")
            }
            let only = saved == nil ? try ZoneArguments.selection(targets) : nil
            let all = try await PlanRun(project, allowsOlder: allowOlder)
            let run = self.only == .mx ? all.followingMX() : all
            if dryRun { return try await DryRunCommand(run: run, format: format).run(only: only, saved: saved) }
            let reviewed = autoApprove ? saved : try await approved(run, saved, only: only)
            for finding in run.project.findings { tell(finding) }
            // Afresh: a person may have thought for long.
            let outcomes = try await ApplyRunner(
                run: run.afresh(), report: ApplyReport(format), lockTimeout: lockTimeout?.seconds ?? 0
            ).apply(
                only: only, reviewed: reviewed)
            try ExitStatus.of(outcomes, findings: run.project.findings).end()
        }
    }

    private func savedPlan() throws -> Plan? {
        guard let first = targets.first, first.hasSuffix(".json") else {
            guard accept == nil else {
                throw Refusal(
                    message: "'--accept' goes with a saved plan",
                    action: "save one with 'certadns plan --out PLAN.json'")
            }
            return nil
        }
        guard targets.count == 1 else {
            throw Refusal(message: "a saved plan comes alone", action: "name either one plan or zones")
        }
        let document = try PlanFile.read(first, now: Wiring.now())
        guard let accept else { return document.plan }
        guard accept == document.digest else {
            throw Refusal(
                message: "'--accept \(accept)' is the digest of another plan",
                action: "review '\(first)' and give the digest that its own 'certadns plan --out' printed")
        }
        var plan = document.plan
        plan.zones = plan.zones.map(\.accepted)
        return plan
    }

    /// The plan that a person saw and accepted: what runs is no more than that.
    private func approved(_ run: PlanRun, _ saved: Plan?, only: Set<DomainName>?) async throws -> Plan {
        guard Terminal.isInteractive else {
            throw Refusal(message: "there is nobody to ask", action: "add --auto-approve, or run it at a terminal")
        }
        let shown = if let saved { saved } else { try await run.plan(only: only) }
        Terminal.print(PlanText(Terminal.style).render(shown))
        guard Terminal.confirm("Apply this? Only 'yes' is taken:") else {
            throw Refusal(message: "nothing was applied", action: "answer 'yes' to apply")
        }
        return shown
    }

    private func tell(_ finding: Finding) {
        Terminal.print(
            format == .json ? OutcomeJSON.finding(finding) : FindingText(Terminal.style).render([finding]))
    }
}

/// To what an apply may be narrowed.
enum ApplyScope: String, ExpressibleByArgument, CaseIterable { case mx }

extension ZoneArguments {
    fileprivate static func selection(_ names: [String]) throws -> Set<DomainName>? {
        var arguments = ZoneArguments()
        arguments.names = names
        return try arguments.selection()
    }
}
