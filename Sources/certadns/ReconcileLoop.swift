import DNS
import Foundation
import MTASTS
import Planning
import Ports
import Rendering
import ServiceLifecycle
import Storage
import Synchronization

/// Looks, plans and applies, again and again; each round reads manifests and world afresh.
final class ReconcileLoop: Service {
    private let options: ProjectOptions
    private let store: SQLiteStore
    private let once: Bool
    private let interval: Int
    private let gate: StartGate
    private let servers: Int
    private let ended = Mutex(ExitStatus.fine)

    init(options: ProjectOptions, store: SQLiteStore, once: Bool, interval: Int, gate: StartGate, servers: Int) {
        self.options = options
        self.store = store
        self.once = once
        self.interval = interval
        self.gate = gate
        self.servers = servers
    }

    /// How the last round ended.
    func status() -> ExitStatus { ended.withLock { $0 } }

    func run() async throws {
        await gate.wait(for: servers)
        try await cancelWhenGracefulShutdown { [self] in
            repeat {
                do { try await round() } catch is CancellationError { return } catch  where !once {
                    Terminal.tell("error: \(Escaping.terminal("\(error)"))")
                }
                if once { return }
                do { try await Task.sleep(for: .seconds(max(1, interval))) } catch { return }
            } while !Task.isCancelled
        }
    }

    private func round() async throws {
        let run = try await PlanRun(options)
        let plan = try await run.plan(only: nil)
        let isQuiet = plan.zones.allSatisfy(\.steps.isEmpty)
        if once || !isQuiet {
            heading("Plan")
            Terminal.print(PlanText(Terminal.style).render(plan))
            heading("Apply")
            _ = try await ApplyRunner(run: run, format: .text).apply(
                only: nil, reviewed: nil, store: store, isStopping: { Task.isCancelled })
        }
        let statuses = try await PlanRun(options).statuses(only: nil)
        if once {
            heading("Policies")
            for status in statuses { try await show(status.zone) }
        }
        if once || !isQuiet {
            heading("Status")
            Terminal.print(StatusText(Terminal.style, isLab: run.wiring.isLab).render(statuses))
        }
        let isFine = statuses.allSatisfy { $0.state == .ready || $0.state == .notApplicable }
        ended.withLock { $0 = isFine ? .fine : .blocked }
    }

    private func heading(_ text: String) { Terminal.print("\n== \(text)\n") }

    private func show(_ zone: DomainName) async throws {
        guard let policy = try await store.policy(for: zone) else { return }
        Terminal.print("\(WellKnown.url(zone)) (id \(policy.id))\n")
        for line in policy.body.split(whereSeparator: \.isNewline) { Terminal.print("  \(line)\n") }
    }
}
