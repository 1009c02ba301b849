import DNS
import MTASTS
import Planning
import Properties

/// Ledger events as an applier might record them, in any order.
enum RandomEvent {
    static func make(_ random: inout Seeded, zone: DomainName) throws -> LedgerEvent {
        let step = "step\(Int.random(in: 0..<4, using: &random))"
        let resource = Resource.allCases.randomElement(using: &random) ?? .policy
        switch Int.random(in: 0..<18, using: &random) {
        case 0:
            let policy = resource == .policy ? try published(&random) : nil
            let writing =
                resource == .mtaSTSRecord ? Owned.mtaSTSRecord(of: zone, id: try published(&random).id, ttl: 300) : []
            let intent = Intent(step: step, resource: resource, at: Instant(seconds: 1_800_000_000), writing: writing)
            return .intent(intent, policy: policy)
        case 1: return .withdrawn(step: step)
        case 2:
            let host = try DomainName("mx\(Int.random(in: 0..<3, using: &random)).example.com")
            return .mxSeen([host], ttl: [nil, 0, 3_600, .max].randomElement(using: &random) ?? nil)
        case 3:
            let desired = DesiredZone(
                zone: zone, providers: ["p"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]),
                adopt: Bool.random(using: &random))
            return .converged(
                AppliedDesire(zone: desired, digest: step, commit: nil, at: Instant(seconds: 1_800_000_001)))
        case 4: return .issuance(issuance(&random))
        case 5:
            return .hostsReleased(by: Instant(seconds: 1_800_000_000 + Int64.random(in: 0...200_000, using: &random)))
        case 6: return .departed
        case 7: return .withdrawing
        case 10: return .began(digest: step, commit: Bool.random(using: &random) ? "c" : nil)
        case 11: return .restored
        case 12: return .inherited([try published(&random)])
        case 13: return .released(manifest: Bool.random(using: &random) ? "m" : nil)
        case 8: return .seenAnnounced(try published(&random).id, ttl: UInt32.random(in: 1...9_000, using: &random))
        case 9:
            return .replacementSeen(
                ReplacementLook(
                    lagging: Bool.random(using: &random) ? ["ns2"] : [],
                    silent: Bool.random(using: &random) ? ["ns3 (no answer)"] : [],
                    expire: Int.random(in: 0...9, using: &random)))
        case 14: return steering(&random)
        default:
            let row = try published(&random)
            var left = Publication(policy: PublishedBody(id: row.id, body: "body \(row.counter)"))
            left.mtaSTS = Owned.mtaSTSRecord(of: zone, id: row.id, ttl: 300)
            let targets = [zone, try zone.prepending("other")]
            left.host = Owned.hostRecords(
                of: zone, target: .cname(targets.randomElement(using: &random) ?? zone), ttl: 300)
            if Bool.random(using: &random) { left.certificate = certificate(&random) }
            return .outcome(step: step, resource: resource, left: left)
        }
    }

    private static func steering(_ random: inout Seeded) -> LedgerEvent {
        let at = Instant(seconds: 1_800_000_000 + Int64.random(in: 0...200_000, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return .changing(digest: "\(at)", counts: true)
        case 1: return .relaxed(Relaxation(to: .testing, reason: "r", at: at, generation: 2))
        case 2: return .relaxationEnded
        case 3: return .lost
        case 5: return .answeredAway
        case 4: return .homeSeen([.root])
        default: return .corrected(Correction(.tlsRPTRecord, at: at, theirs: ["line"]))
        }
    }

    private static func certificate(_ random: inout Seeded) -> CertificateFacts {
        let start = Instant(seconds: 1_800_000_000 + Int64.random(in: 0...9, using: &random))
        return CertificateFacts(
            names: ["mta-sts.example.com"], notBefore: start, notAfter: start + 86_400, issuer: "ca",
            fingerprint: "f\(Int.random(in: 0...2, using: &random))")
    }

    private static func issuance(_ random: inout Seeded) -> IssuanceEvent {
        let moment = Instant(seconds: 1_800_000_000 + Int64.random(in: 0...99_999, using: &random))
        let proof = ChallengeProof.http(host: .root, token: "t\(Int.random(in: 0...2, using: &random))", content: "c")
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .ordered(OpenOrder(url: "u", issuer: "ca", names: [], since: moment))
        case 1: return .abandoned
        case 2: return .presented(proof)
        case 3: return .withdrawn(proof)
        case 4: return .held(IssuanceHold(until: moment, reason: "r", failures: 1))
        case 5: return .waitEnded(issuer: Bool.random(using: &random) ? "ca" : nil)
        case 6: return .rested(IssuanceHold(until: moment, reason: "r", failures: 1))
        default:
            return .renewalDrawn(
                RenewalMoment(
                    fingerprint: "f\(Int.random(in: 0...2, using: &random))", at: moment, askAgain: moment + 50))
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
