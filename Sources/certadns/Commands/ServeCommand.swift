import ArgumentParser
import DNSClient
import Logging
import Manifests
import PolicyHost
import Ports
import ServiceLifecycle
import StateAPI
import Storage
import UnixSignals

/// `certadns serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the policies over HTTPS, and renew their certificates, until told to stop.")

    @OptionGroup var project: ProjectOptions

    func run() async throws {
        try await Reporting.errors {
            let wiring = try Wiring(project)
            let store = try await wiring.store()
            defer { try? store.close() }
            var logger = Logger(label: "certadns") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = .info
            for defect in await wiring.startDefects(store) { logger.error("\(defect)") }
            let gate = StartGate()
            let log = RenewalLog(logger)
            // Ended in reverse order: an order in hand may need the servers.
            var services: [any Service] = [
                wiring.policyServer(store, logger: logger, onRunning: { _ in gate.started() })
            ]
            if let challenges = wiring.challengeServer(store, logger: logger, onRunning: { _ in gate.started() }) {
                services.append(challenges)
            }
            services.append(RenewalService(wiring, store, log: log, after: services.count, at: gate))
            services.append(MailHistoryService(wiring, store, logger: logger))
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            do {
                try await group.run()
                await wiring.transport.close()
            } catch let failure as Failure {
                throw failure
            } catch {
                throw Refusal(
                    message: "what 'certadns serve' runs ended: \(error)",
                    action: "mend what it says, and start it again")
            }
        }
    }
}

extension Wiring {
    /// What is answered at serve's own names.
    private func routes(_ store: any StateStore, logger: Logger) -> (any WebRoutes)? {
        guard !configuration.ownNames.isEmpty else { return nil }
        let state = stateService(store, logger: logger)
        return configuration.showsLedger ? PublicLedgerRoutes(state, ledgers: store) : state
    }

    /// The policy host over a store.
    func policyServer(
        _ store: any StateStore, logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> PolicyServer {
        let listen = configuration.listen
        let descriptors = DescriptorLimit.raise()
        var limits = PolicyServer.Limits()
        limits.connections = min(limits.connections, DescriptorLimit.connections(of: descriptors))
        return PolicyServer(
            address: listen.host, port: listen.port, ownNames: Set(configuration.ownNames.map(\.host)),
            routes: routes(store, logger: logger), policies: store,
            keys: store, changes: store.changes,
            limits: limits,
            logger: logger,
            onRunning: { [limits] port in
                logger.info(
                    "policy host is listening",
                    metadata: [
                        "address": "\(listen.host)", "port": "\(port)", "connections": "\(limits.connections)",
                        "descriptors": "\(descriptors)", "names": "\(limits.cachedNames)",
                        "memory": "\(limits.memory / 1_048_576) MiB",
                    ])
                await onRunning(port)
            })
    }
}
