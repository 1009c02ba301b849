import AsyncHTTPClient
import DNS
import Foundation
import Manifests
import NIOCore
import NIOHTTP1
import Planning
import Ports
import Providers
import StateAPI

/// Plans by what everybody can see: resolvers, HTTPS, and the public part of a ledger. Needs no secret.
extension Wiring {
    /// The public ledger of a file, or of an address that a `certadns serve` answers.
    func publicLedger(_ place: String) async throws -> PublicLedgerReader {
        let octets = place.hasPrefix("https://") ? try await fetch(place) : try Self.read(place)
        return PublicLedgerReader(try PublicLedger.decode(octets, from: place), clock: Self.now)
    }

    /// In bytes: some ten thousand zones.
    private static let limit = 1 << 27

    private static func read(_ path: String) throws -> [UInt8] {
        switch PlainFile.read(path, limit: limit) {
        case .success(let octets): return octets
        case .failure(let refusal): throw Refusal(message: refusal.message, action: refusal.action)
        }
    }

    private func fetch(_ url: String) async throws(Failure) -> [UInt8] {
        let http = try HTTPClients.client(
            trusting: configuration.trustFiles, system: configuration.trustsSystem, folder: folder, of: url,
            key: "'observe: trust'")
        do {
            let answer = try await http.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
            guard answer.status.code == 200 else {
                throw Failure(
                    .rejected,
                    "\(url) answers with status \(answer.status.code); does that 'certadns serve' show its ledger?")
            }
            return Array(try await answer.body.collect(upTo: Self.limit).readableBytesView)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.unreachable, "the public ledger can't be had from \(url): \(error)")
        }
    }

    /// What resolvers say of a zone.
    func resolverReader(_ ledger: ZoneLedger?) -> any DNSReader {
        let applied = ledger?.applied ?? Publication()
        return ResolverReader(publicResolver, applied: applied.tlsRPT + applied.host + applied.mtaSTS)
    }
}
