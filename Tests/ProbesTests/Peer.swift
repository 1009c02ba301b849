import DNS
import Doubles
import Findings
import Foundation
import HostSupport
import LocalCA
import MTASTS
import NIOCore
import NIOPosix
import Planning
import Ports
import Probes

/// A CA, certificates by it, and a probe that trusts it.
struct Peer: Sendable {
    static let body = "version: STSv1\r\nmode: none\r\nmx: mx.example.com\r\nmax_age: 86400\r\n"

    let authority: LocalAuthority
    let roots: String
    private let folder: String

    /// Lends a peer whose files go when `use` ends.
    static func with<Result>(_ use: (Peer) async throws -> Result) async throws -> Result {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try LocalAuthority(folder: folder, now: Instant(Date()) + -400 * 86_400)
        try authority.rootPEM.write(toFile: folder + "/roots.pem", atomically: true, encoding: .utf8)
        return try await use(Peer(authority: authority, roots: folder + "/roots.pem", folder: folder))
    }

    /// A certificate for `names`, dated as if issued `days` from today.
    func certificate(_ names: [String] = ["mta-sts.example.com"], days: Int = 0) async throws -> CertificateMaterial {
        try await authority.issue(
            CertificateRequest(names: names.map { try DomainName($0) }, now: Instant(Date()) + days * 86_400),
            at: .bare)
    }

    /// A probe for `port` that trusts this CA alone.
    func probe(
        _ port: Int, seconds: Int64 = 20, now: @escaping @Sendable () -> Instant = Peer.now
    ) throws -> PolicyProbe {
        try PolicyProbe(
            group: MultiThreadedEventLoopGroup.singleton, trust: TrustRoots(system: false, files: [roots]), port: port,
            deadline: .seconds(seconds), now: now)
    }

    /// The machine's clock.
    @Sendable static func now() -> Instant { Instant(Date()) }

    /// One look at `example.com` on loopback.
    func look(_ port: Int, seconds: Int64 = 20) async throws -> PolicyLook {
        try await probe(port, seconds: seconds).policy(of: try DomainName("example.com"), at: IPAddress("127.0.0.1"))
    }

    /// A look at a server that shows `material` and behaves in this manner.
    func look(
        _ manner: BadServer.Manner, _ response: String = "", material: CertificateMaterial? = nil, seconds: Int64 = 20
    ) async throws -> PolicyLook {
        try await look(manner, octets: Array(response.utf8), material: material, seconds: seconds)
    }

    /// The same with octets.
    func look(
        _ manner: BadServer.Manner, octets: [UInt8], material: CertificateMaterial? = nil, seconds: Int64 = 20
    ) async throws -> PolicyLook {
        var shown = material
        if shown == nil { shown = try await certificate() }
        guard let shown else { throw PythonServer.DidNotStart() }
        return try await BadServer.with(manner, response: octets, chain: shown.chain, key: shown.key.reveal()) {
            try await look($0.port, seconds: seconds)
        }
    }
}
