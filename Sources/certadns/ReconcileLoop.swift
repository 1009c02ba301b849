import DNS
import DNSClient
import Findings
import Foundation
import Planning
import Ports
import Reconciler
import Rendering
import ServiceLifecycle
import Storage
import Synchronization

/// Looks, plans and applies, again and again; each round reads manifests and world afresh, through one transport.
final class ReconcileLoop: Service {
    /// What one loop works with.
    struct Settings: Sendable {
        let options: ProjectOptions
        let store: any StateStore
        let transport: DNSTransport
        let once: Bool
        let interval: Int
        /// How many servers must have told the gate that they listen before the first look.
        let servers: Int
        let gate: StartGate
        /// Asks CAs when to renew, and does, also where no manifest has anything to do.
        let renewer: Renewer
        /// Whether the loop shall end after the step in hand.
        let isStopping: @Sendable () -> Bool
    }
    private struct State {
        var ended = ExitStatus.fine
        var report: ApplyReport?
    }
    private let settings: Settings
    private let state = Mutex(State())

    init(_ settings: Settings) { self.settings = settings }

    /// How the last round ended.
    func status() -> ExitStatus { state.withLock { $0.ended } }

    /// What is known of a round that has to be left where it is: prints it, and gives the status.
    func stopAtOnce() -> ExitStatus {
        guard let report = state.withLock({ $0.report }) else { return status() }
        return .of(ifAny: report.stopAtOnce())
    }

    /// Told to stop, it ends the wait at once, and a round after the step in hand: the servers end only after this service.
    func run() async throws {
        await cancelWhenGracefulShutdown { [settings] in await settings.gate.wait(for: settings.servers) }
        while !settings.isStopping(), !Task.isCancelled {
            do { try await round() } catch is CancellationError { return } catch  where !settings.once {
                state.withLock { $0.ended = .error }
                Terminal.tell("error: \(Self.words(error))")
            }
            if settings.once { return }
            let seconds = max(1, settings.interval)
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(seconds)) } } catch {
                return
            }
        }
    }

    private static func words(_ error: any Error) -> String {
        if let error = error as? Setup.Unreadable { return "\n" + FindingText().render(error.findings) }
        return Escaping.terminal("\(error)")
    }

    private func round() async throws {
        if !settings.once { try await settings.renewer.round() }
        let run = try await PlanRun(settings.options, transport: settings.transport)
        let plan = try await run.plan(only: nil)
        let isLoud = settings.once || !plan.zones.allSatisfy(\.steps.isEmpty)
        var applied = ExitStatus.fine
        if isLoud {
            heading("Plan")
            Terminal.print(PlanText(Terminal.style).render(plan))
            heading("Apply")
            let report = ApplyReport(.text)
            state.withLock { $0.report = report }
            let outcomes = try await ApplyRunner(run: run, report: report).apply(
                only: nil, reviewed: nil, store: settings.store, isStopping: settings.isStopping)
            applied = .of(outcomes, findings: run.project.findings)
            state.withLock {
                $0.report = nil
                $0.ended = applied
            }
            if settings.isStopping() { return }
        }
        let after = run.afresh()
        let statuses = try await after.statuses(only: nil)
        if settings.once {
            heading("Policies")
            for wish in run.project.wishes { try await show(wish, after) }
        }
        if isLoud {
            heading("Status")
            Terminal.print(
                StatusText(Terminal.style, isLab: run.wiring.isLab).render(statuses, findings: run.project.findings))
        }
        let status = ExitStatus.first(applied, .of(statuses, findings: run.project.findings))
        state.withLock { $0.ended = status }
    }

    private func heading(_ text: String) { Terminal.print("\n== \(text)\n") }

    /// The policy as its host serves it, not as it was given to it.
    private func show(_ wish: ZoneWish, _ run: PlanRun) async throws {
        guard case .desired(let desired) = wish.wish, desired.mtaSTS != nil else { return }
        let ledger = try await settings.store.ledger(of: wish.zone)
        let looks = await run.wiring.looks(at: wish, ledger: ledger, store: settings.store)
        Terminal.print(PolicyText.render(looks, of: wish.zone))
    }
}

/// Tells when all servers are listening. One may wait.
final class StartGate: Sendable {
    private let starts = AsyncStream<Void>.makeStream()

    func started() { starts.continuation.yield() }

    /// Returns when so many have started, or when the waiting task is cancelled.
    func wait(for servers: Int) async {
        var starts = starts.stream.makeAsyncIterator()
        for _ in 0..<servers { if await starts.next() == nil { return } }
    }
}
