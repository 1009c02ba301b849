import ArgumentParser
import DNSClient
import Foundation
import Logging
import Planning
import Ports
import ServiceLifecycle
import Storage

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
            let store = try await run.wiring.store()
            defer { try? store.close() }
            let status = try await Servers(run.wiring, store).run(command: self)
            await run.wiring.transport.close()
            try status.end()
        }
    }
}

/// What `up` runs side by side.
private struct Servers {
    let wiring: Wiring
    let store: any StateStore

    init(_ wiring: Wiring, _ store: any StateStore) {
        self.wiring = wiring
        self.store = store
    }

    /// Until told to stop, or after one round. Signals are ours: the loop shall finish its step before any server ends.
    func run(command: UpCommand) async throws -> ExitStatus {
        // The CA must be there before anything looks at certificates.
        _ = try wiring.issuing.issuer(store)
        var logger = Logger(label: "certadns") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = command.once ? .warning : .info
        let gate = StartGate()
        var services: [any Service] = [
            wiring.policyServer(store, logger: logger, onRunning: { _ in gate.started() })
        ]
        if let challenges = wiring.challengeServer(store, logger: logger, onRunning: { _ in gate.started() }) {
            services.append(challenges)
        }
        if let embedded = EmbeddedDefault(wiring) {
            try embedded.fill()
            services.append(embedded.server(logger: logger) { _ in gate.started() })
        }
        let stop = StopSignal()
        let log = RenewalLog(logger)
        let renewer = wiring.renewer(
            store, isStopping: { stop.isStopping }, tell: { log.hear($0) }, failed: { log.record($0.detail, of: nil) })
        let loop = ReconcileLoop(
            .init(
                options: command.project, store: store, transport: wiring.transport, once: command.once,
                interval: command.interval, servers: services.count, gate: gate, renewer: renewer,
                isStopping: { stop.isStopping }))
        // Ended in reverse order: the loop first, the servers that it needs after it.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }
                    + [.init(service: loop, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        do {
            try await stop.during(
                onFirst: { await group.triggerGracefulShutdown() }, onHang: { loop.stopAtOnce() },
                body: { try await group.run() })
        } catch let failure as Failure {
            throw failure
        } catch let refusal as Refusal {
            throw refusal
        } catch let unreadable as Setup.Unreadable {
            throw unreadable
        } catch is CancellationError {
            return ExitStatus.first(loop.status(), .partial)
        } catch {
            throw Refusal(
                message: "a server could not be started: \(error)",
                action: "free its port, or name another one under 'policy_host: listen' or 'observe: resolvers'")
        }
        return loop.status()
    }
}
