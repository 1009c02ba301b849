import ArgumentParser
import Files
import Foundation
import Planning
import Rendering

/// `certadns plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Compare manifests with the live world and show what would change. Touches nothing.")

    @OptionGroup var project: ProjectOptions
    @OptionGroup var zones: ZoneArguments
    @Option(help: "text, json, markdown or github.") var format = PlanFormat.text
    @Option(help: "Save the plan to this file, for 'apply FILE'.") var out: String?
    @Flag(help: "Exit with 2 when there are changes.") var detailedExitcode = false
    @Flag(help: "Plan what an older commit asks for, too.") var allowOlder = false

    func run() async throws {
        try await Reporting.errors {
            let only = try zones.selection()
            let plan = try await PlanRun(project, only: only, allowsOlder: allowOlder).plan(only: only)
            if let out { try PlanFile.write(plan, to: out) }
            Terminal.print(try PlanOutput.text(plan, format))
            try ExitStatus.of(plan, detailed: detailedExitcode).end()
        }
    }
}

/// A plan in each format.
enum PlanOutput {
    static func text(_ plan: Plan, _ format: PlanFormat, scope: PlanScope = .everything) throws -> String {
        switch format {
        case .text: PlanText(Terminal.style, scope: scope).render(plan)
        case .markdown: PlanMarkdown(scope: scope).render(plan)
        case .json: String(decoding: try PlanDocument(plan).encoded(), as: UTF8.self)
        case .github:
            FindingAnnotations.render(plan.findings + plan.zones.flatMap(\.findings))
                + PlanText(scope: scope).render(plan)
        }
    }
}

/// Saved plans on disk.
enum PlanFile {
    static func write(_ plan: Plan, to path: String) throws {
        do {
            try Data(try PlanDocument(plan).encoded()).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Refusal(
                message: "the plan can't be saved to '\(path)': \(SystemWords.of(error))",
                action: "name a file in a folder that exists")
        }
    }

    static func read(_ path: String, now: Instant) throws -> PlanDocument {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw Refusal(
                message: "the plan '\(path)' can't be read", action: "name a file that 'certadns plan --out' wrote")
        }
        do throws(PlanFileError) { return try PlanDocument.decode(Array(data), now: now) } catch {
            throw Refusal(message: "'\(path)': \(error)", action: "run 'certadns plan --out \(path)' and review it")
        }
    }
}
