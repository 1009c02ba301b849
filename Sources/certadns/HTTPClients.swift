import AsyncHTTPClient
import Manifests
import NIOCore
import NIOPosix
import NIOSSL
import Ports
import Synchronization

/// HTTPS clients live as long as the process: what they hold goes with it.
enum HTTPClients {
    private static let clients = Mutex<[[String]: HTTPClient]>([:])

    static func client(trusting choices: ACMEChoices, folder: String) throws(Failure) -> HTTPClient {
        try client(
            trusting: choices.trustFiles, system: choices.trustsSystem, folder: folder, of: choices.host,
            key: "'trust' of the issuer")
    }

    /// One that trusts these files, and the `system` where it shall; `key` is where the configuration says so.
    static func client(
        trusting trusted: [String], system: Bool, folder: String, of host: String, key place: String
    ) throws(Failure) -> HTTPClient {
        let files = trusted.map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
        let key = files + (system ? ["system"] : [])
        if let known = clients.withLock({ $0[key] }) { return known }
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            let roots = try files.flatMap { try NIOSSLCertificate.fromPEMFile($0) }
            if system {
                tls.additionalTrustRoots = [.certificates(roots)]
            } else {
                tls.trustRoots = .certificates(roots)
            }
        } catch {
            throw Failure(
                .configuration,
                "the CAs trusted for \(host) can't be read from \(files.joined(separator: ", ")): name PEM files under \(place)"
            )
        }
        var settings = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        settings.timeout.connect = .seconds(10)
        settings.httpVersion = .http1Only
        // A refused connection is told at once; whether it is tried again is decided elsewhere.
        settings.connectionPool.retryConnectionEstablishment = false
        let fresh = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
        return clients.withLock { clients in
            if let known = clients[key] {
                // Another run was first; ours was never used.
                fresh.shutdown { _ in }
                return known
            }
            clients[key] = fresh
            return fresh
        }
    }
}
