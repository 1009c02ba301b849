import ArgumentParser
import Findings
import Planning
import Rendering

/// `certadns validate`.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check configuration and manifests. Touches nothing, asks nobody.")

    @OptionGroup var project: ProjectOptions
    @Option(help: "text, json or github.") var format = FindingFormat.text

    func run() async throws {
        let project = await Project.read(self.project)
        let findings = (project.findings + project.wishes.flatMap { $0.findings(at: Wiring.now()) }).sorted(
            by: Finding.byPlace)
        switch format {
        case .json: Terminal.print(FindingJSON.render(findings))
        case .github: Terminal.print(FindingAnnotations.render(findings))
        case .text:
            Terminal.print(FindingText(Terminal.style).render(findings))
            let errors = findings.count { $0.severity == .error }
            let zones = project.wishes.count { !$0.owner.isOwnName }
            Terminal.print("\(zones) manifest\(zones == 1 ? "" : "s"), \(errors) error\(errors == 1 ? "" : "s").\n")
        }
        try (findings.contains { $0.severity == .error } ? ExitStatus.error : .fine).end()
    }
}

extension Finding {
    /// As a person reads files: by place, then as plans sort.
    static func byPlace(_ a: Finding, _ b: Finding) -> Bool {
        if let left = a.place, let right = b.place, left != right { return left < right }
        if (a.place == nil) != (b.place == nil) { return a.place == nil }
        return inReadingOrder(a, b)
    }
}
