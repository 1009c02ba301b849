package import DNS
import Doubles
import Foundation
package import LocalCA
import Logging
import MTASTS
package import Planning
package import PolicyHost
package import Ports
import ServiceLifecycle

/// A policy host on a free port of loopback, with a CA of its own.
package struct HostLab: Sendable {
    /// Where it listens.
    package let port: Int
    /// What it serves.
    package let store: MemoryStore
    /// Who certified its names.
    package let authority: LocalAuthority
    /// Where the CA's root lies as PEM.
    package let roots: String
    /// What it logged.
    package let log: LogLines
    private let group: ServiceGroup

    /// A zone with certificate and policy.
    package static let zone = "example.com"
    /// Its policy.
    package static let body = "version: STSv1\r\nmode: testing\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"

    /// Runs `use` against a host that serves `example.com` and `other.example`, then stops it.
    package static func with<Result: Sendable>(
        _ limits: PolicyServer.Limits = quick, ownNames: Set<DomainName> = [], routes: (any WebRoutes)? = nil,
        _ use: @Sendable (HostLab) async throws -> Result
    ) async throws -> Result {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try LocalAuthority(folder: folder, now: Instant(Date()))
        let roots = folder + "/roots.pem"
        try authority.rootPEM.write(toFile: roots, atomically: true, encoding: .utf8)
        let store = MemoryStore()
        for zone in [zone, "other.example"] {
            try await certify(zone, by: authority, in: store)
            store.put(try published(body), for: try DomainName(zone))
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let log = LogLines()
        let server = PolicyServer(
            address: "127.0.0.1", port: 0, ownNames: ownNames, routes: routes, policies: store, keys: store,
            changes: store,
            limits: limits,
            logger: log.logger,
            onRunning: { continuation.yield($0) })
        let group = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await tasks.next()
                throw Failure(.unreachable, "the host did not start")
            }
            let lab = HostLab(port: port, store: store, authority: authority, roots: roots, log: log, group: group)
            let result: Result
            do { result = try await use(lab) } catch {
                store.turnstile.open()
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    /// Limits short enough for tests.
    package static var quick: PolicyServer.Limits {
        var limits = PolicyServer.Limits()
        limits.freshness = 1
        return limits
    }

    /// A body under some id.
    package static func published(_ body: String) throws -> PublishedBody {
        guard let id = PolicyID("1x0123456789abcdef") else { throw Failure(.malformed, "the test's own id") }
        return PublishedBody(id: id, body: body)
    }

    /// Gives the zone's host a new certificate.
    @discardableResult
    package static func certify(
        _ zone: String, by authority: LocalAuthority, in store: MemoryStore
    ) async throws -> CertificateFacts {
        try await certify(host: WellKnown.hostName(try DomainName(zone)), by: authority, in: store)
    }

    /// Gives `host` a new certificate.
    @discardableResult
    package static func certify(
        host: DomainName, by authority: LocalAuthority, in store: MemoryStore
    ) async throws -> CertificateFacts {
        let request = CertificateRequest(names: [host], now: Instant(Date()))
        let material = try await authority.issue(request, at: .bare)
        try await store.store(material, for: host)
        return material.facts
    }

    /// Begins a graceful stop.
    package func stop() async { await group.triggerGracefulShutdown() }

    /// One GET by curl, with the headers shown.
    package func curl(_ arguments: String..., name: String = "mta-sts.example.com", path: String = WellKnown.path)
        async throws
        -> Tool.Outcome
    {
        try await Tool.run(
            "/usr/bin/curl",
            [
                "-sS", "-i", "--http1.1", "--max-time", "20", "--cacert", roots, "--noproxy", "*", "--connect-to",
                "::127.0.0.1:\(port)", "https://\(name)\(path)",
            ] + arguments)
    }

    /// One raw exchange over TLS by openssl.
    package func openssl(
        _ request: String, name: String = "mta-sts.example.com", more: [String] = [], keepsInputOpen: Bool = false
    ) async throws -> Tool.Outcome {
        try await Tool.run(
            "/usr/bin/openssl",
            ["s_client", "-quiet", "-verify_return_error", "-connect", "127.0.0.1:\(port)", "-CAfile", roots]
                + (name.isEmpty ? ["-noservername"] : ["-servername", name]) + more,
            input: request, keepsInputOpen: keepsInputOpen)
    }

    /// The SHA-256 of the certificate that a handshake for `name` shows, as ``CertificateFacts/fingerprint``.
    package func fingerprint(_ name: String = "mta-sts.example.com") async throws -> String {
        let peer = try await Tool.run(
            "/usr/bin/openssl", ["s_client", "-connect", "127.0.0.1:\(port)", "-servername", name])
        let print = try await Tool.run(
            "/usr/bin/openssl", ["x509", "-noout", "-fingerprint", "-sha256"], input: peer.output)
        let digest = print.output.split(separator: "=").last ?? ""
        return digest.replacing(":", with: "").lowercased().trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
