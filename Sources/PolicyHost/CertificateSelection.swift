import DNS
import Findings
import Logging
import MTASTS
import NIOSSL
import Planning
import Ports

/// Finds the certificate that a handshake asks for by SNI (RFC 8461 §7.1; STS-20: none fits, no handshake).
struct CertificateSelection: Sendable {
    private let keys: any KeyStore
    private let cache: FreshCache<DomainName, NIOSSLContextConfigurationOverride>
    private let failures: RepeatedFailures

    init(keys: any KeyStore, limits: PolicyServer.Limits, logger: Logger) {
        self.keys = keys
        cache = FreshCache(limit: limits.cachedNames, seconds: limits.freshness)
        failures = RepeatedFailures(logger: logger, what: "certificates can't be read")
    }

    enum Refusal: Error {
        case noServerName
        case unknownName
    }

    func configuration(for serverName: String?) async throws -> NIOSSLContextConfigurationOverride {
        guard let serverName, let host = try? DomainName(serverName), WellKnown.zone(ofHost: host) != nil else {
            throw Refusal.noServerName
        }
        let found = try await cache.value(for: host.lowercased) {
            do throws(Failure) {
                guard let material = try await keys.material(for: host) else { return nil }
                return try Self.override(material)
            } catch {
                failures.record(error)
                throw error
            }
        }
        guard let found else { throw Refusal.unknownName }
        return found
    }

    private static func override(_ material: CertificateMaterial) throws(Failure) -> NIOSSLContextConfigurationOverride {
        do {
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(material.chain.utf8)).map { .certificate($0) }
            override.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(material.key.reveal().utf8), format: .pem))
            return override
        } catch {
            throw Failure(.storage, "the certificate \(material.facts.fingerprint) or its key is damaged; issue it again")
        }
    }
}
