import DNS
import MTASTS
import Planning
import Properties

/// Ledger events as an applier might record them, in any order.
enum RandomEvent {
    static func make(_ random: inout Seeded, zone: DomainName) throws -> LedgerEvent {
        let step = "step\(Int.random(in: 0..<4, using: &random))"
        let resource = Resource.allCases.randomElement(using: &random) ?? .policy
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            let policy = resource == .policy ? try published(&random) : nil
            let writing =
                resource == .mtaSTSRecord ? Owned.mtaSTSRecord(of: zone, id: try published(&random).id, ttl: 300) : []
            let intent = Intent(step: step, resource: resource, at: Instant(seconds: 1_800_000_000), writing: writing)
            return .intent(intent, policy: policy)
        case 1: return .withdrawn(step: step)
        case 2: return .mxSeen([try DomainName("mx\(Int.random(in: 0..<3, using: &random)).example.com")])
        case 3:
            let desired = DesiredZone(
                zone: zone, providers: ["p"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]),
                adopt: Bool.random(using: &random))
            return .converged(
                AppliedDesire(zone: desired, digest: step, commit: nil, at: Instant(seconds: 1_800_000_001)))
        default:
            let row = try published(&random)
            var left = Publication(policy: PublishedBody(id: row.id, body: "body \(row.counter)"))
            left.mtaSTS = Owned.mtaSTSRecord(of: zone, id: row.id, ttl: 300)
            return .outcome(step: step, resource: resource, left: left)
        }
    }

    private static func published(_ random: inout Seeded) throws -> PublishedPolicy {
        let counter = Int.random(in: 1...4, using: &random)
        guard let maxAge = MaxAge(seconds: 86_400 * counter) else { throw CancellationError() }
        return PublishedPolicy(
            id: PolicyID.make(counter: counter, digest: [UInt8](repeating: UInt8(counter), count: 8)), counter: counter,
            bodyDigest: "\(counter)", mode: .enforce, mx: [try MXPattern(parsing: "mx.example.com")],
            maxAge: maxAge, largestTTL: UInt32.random(in: 1...600, using: &random),
            intentAt: Instant(seconds: 1_800_000_000))
    }
}
