import ArgumentParser
import Foundation
import Logging
import MTASTS
import Planning
import Ports
import Rendering
import ServiceLifecycle
import Storage
import UnixSignals

/// `certadns up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "The embedded default in one command: name server, policy host and a reconcile loop.")

    @OptionGroup var project: ProjectOptions
    @Flag(help: "Reconcile once, print plan, outcome, policy and status, and end.") var once = false
    @Option(help: "Seconds between two looks.") var interval = 60

    func run() async throws {
        try await Reporting.errors {
            let run = try await PlanRun(project)
            let store = try run.wiring.store()
            defer { try? store.close() }
            // The CA must be there before anything looks at certificates.
            _ = try run.wiring.issuer()
            var logger = Logger(label: "certadns") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = once ? .warning : .info
            let gate = StartGate()
            var services: [any Service] = [
                run.wiring.policyServer(store, logger: logger, onRunning: { _ in await gate.started() })
            ]
            if let embedded = EmbeddedDefault(run.project, configuration: run.wiring.configuration) {
                try embedded.fill()
                services.append(embedded.server(logger: logger) { _ in await gate.started() })
            }
            let loop = ReconcileLoop(
                options: project, store: store, once: once, interval: interval, gate: gate, servers: services.count)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: services.map { .init(service: $0) }
                        + [.init(service: loop, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            do { try await group.run() } catch let code as ExitCode { throw code } catch let failure as Failure {
                throw failure
            } catch let refusal as Refusal {
                throw refusal
            } catch {
                throw Refusal(
                    message: "a server could not be started: \(error)",
                    action: "free its port, or name another one under 'policy_host: listen' or 'observe: resolvers'")
            }
            try loop.status().end()
        }
    }
}

/// Tells when all servers are listening.
actor StartGate {
    private var count = 0
    private var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func started() {
        count += 1
        for entry in waiting where entry.count <= count { entry.continuation.resume() }
        waiting.removeAll { $0.count <= count }
    }

    func wait(for servers: Int) async {
        guard count < servers else { return }
        await withCheckedContinuation { waiting.append((servers, $0)) }
    }
}
