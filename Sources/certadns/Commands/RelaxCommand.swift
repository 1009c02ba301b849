import ArgumentParser
import DNS
import Foundation
import MTASTS
import Planning
import Ports
import Reconciler
import Rendering

/// `certadns relax`.
struct RelaxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relax", abstract: "Break glass: make policies milder at once, and keep them so.",
        discussion: """
            For the moment when a policy that is enforced makes senders refuse mail. It goes past evidence, holds, limits, a blocked zone \
            and a manifest that can't be read, and stands in the audit trail with its reason. It stays, whatever is applied, until a \
            commit agrees with it (a mode as mild, or no policy) or ends it (a greater 'generation'). Senders that hold the earlier \
            policy may refuse by it until the moment that is printed.
            """)

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("Zones whose policy is made milder.", valueName: "zone")) var zones: [String]
    @Option(help: "testing (deliver and report) or none (as if there were no policy).") var to: RelaxedMode
    @Option(help: "Why: it stands in the audit trail and in every plan.") var reason: String
    @Option(help: "How long to wait for a zone that another run holds, such as 5m.") var lockTimeout: DurationOption?
    @Option(help: "text or json.") var format = DataFormat.text

    func run() async throws {
        try await Reporting.errors {
            let reason = reason.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !reason.isEmpty, reason.utf8.count <= 1_000 else {
                throw Refusal(
                    message: "'--reason' is empty, or longer than 1000 bytes",
                    action: "say in a sentence why the policy is made milder")
            }
            let names = try zones.map(ZoneArguments.name)
            let run = try await PlanRun(project, only: Set(names))
            let ends = try await relax(names, run, reason)
            let relaxed = Set(names.filter { ends[$0] == .relaxed })
            var status = Self.status(of: Array(ends.values))
            if !relaxed.isEmpty {
                let outcomes = try await ApplyRunner(
                    run: run.afresh(), report: ApplyReport(format), lockTimeout: lockTimeout?.seconds ?? 0
                ).apply(only: relaxed, reviewed: nil)
                try await tell(relaxed, run)
                status = .first(status, .of(outcomes, findings: run.project.findings))
            }
            try status.end()
        }
    }

    private func relax(
        _ names: [DomainName], _ run: PlanRun, _ reason: String
    ) async throws -> [DomainName: Relaxing.End] {
        try await run.wiring.byHand { store in
            let relaxing = Relaxing(
                store: store, owner: .thisProcess(), commit: run.project.commit,
                patience: LeasePatience(
                    seconds: lockTimeout?.seconds ?? 0, sleep: ApplyRun.sleep,
                    tell: { Terminal.tell("\($0): \(Escaping.terminal($1))") }))
            var ends: [DomainName: Relaxing.End] = [:]
            for zone in names {
                let wish = run.project.wishes.first { $0.zone == zone }?.wish
                let asked: Int? = if case .desired(let desired)? = wish { desired.mtaSTS?.generation } else { nil }
                let end = try await relaxing.relax(zone, to: to.mode, reason: reason, asked: asked)
                ends[zone] = end
                switch end {
                case .relaxed: break
                case .mildEnough: say(zone, "no policy of it is out that is stricter than '\(to.rawValue)'")
                case .unknown: say(zone, "the ledger does not know this zone")
                case .busy(let words): say(zone, words)
                }
            }
            return ends
        }
    }

    /// What stays strict decides: a zone that another run has, or that nobody knows.
    private static func status(of ends: [Relaxing.End]) -> ExitStatus {
        if ends.contains(where: { if case .busy = $0 { true } else { false } }) { return .busy }
        if ends.allSatisfy({ $0 == .unknown }) { return .error }
        return ends.contains(.unknown) ? .partial : .fine
    }

    private func tell(_ zones: Set<DomainName>, _ run: PlanRun) async throws {
        guard let reader = try await run.wiring.stateReader() else { return }
        let now = try await reader.now()
        for zone in zones.sorted() {
            let ledger = try await reader.ledger(of: zone)
            if let until = ledger.refusesUntil(now) {
                say(zone, "senders that hold the earlier policy may refuse by it until \(until)")
            }
        }
    }

    /// Beside the outcomes on a terminal; where those are JSON, on the error stream.
    private func say(_ zone: DomainName, _ words: String) {
        let line = "\(zone): \(Escaping.terminal(words))"
        if format == .text { Terminal.print(line + "\n") } else { Terminal.tell(line) }
    }
}

/// How mild a policy can be made.
enum RelaxedMode: String, ExpressibleByArgument, CaseIterable {
    case testing, none

    var mode: Mode {
        switch self {
        case .testing: .testing
        case .none: .none
        }
    }
}
