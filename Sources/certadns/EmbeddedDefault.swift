import DNS
import EmbeddedDNS
import Files
import Foundation
import Logging
import Manifests
import Ports
import ServiceLifecycle

/// The embedded default's name server: the first `zonefile` provider's folder, answered at the first resolver's address.
struct EmbeddedDefault {
    let folder: String
    let seed: String?
    let endpoint: Endpoint

    /// `nil` where the configuration has no zonefile provider.
    init?(_ wiring: Wiring) {
        let configuration = wiring.configuration
        let first = configuration.providers.sorted { $0.key < $1.key }.lazy.compactMap { _, provider in
            if case .zoneFile(let folder, let seed, _) = provider { (folder, seed) } else { nil }
        }.first
        guard let first, let endpoint = configuration.resolvers.first else { return nil }
        folder = wiring.path(first.0)
        seed = first.1.map(wiring.path)
        self.endpoint = endpoint
    }

    /// Copies the sample's master files that are not there yet.
    func fill() throws {
        guard let seed else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: seed) where name.hasSuffix(".zone") {
                let target = folder + "/" + name
                if !FileManager.default.fileExists(atPath: target) {
                    try FileManager.default.copyItem(atPath: seed + "/" + name, toPath: target)
                }
            }
        } catch {
            throw Refusal(
                message:
                    "the sample's master files can't be copied from '\(seed)' to '\(folder)': \(SystemWords.of(error))",
                action: "check 'seed' and 'folder' of the zonefile provider")
        }
    }

    func server(logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void) -> AuthoritativeServer {
        AuthoritativeServer(
            address: endpoint.host, port: endpoint.port, zones: ZoneSource(folder: folder, logger: logger),
            logger: logger,
            onRunning: onRunning)
    }
}
