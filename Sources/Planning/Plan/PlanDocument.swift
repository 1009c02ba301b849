package import DNS
package import Findings
import FoundationEssentials

/// A plan as a file: what `plan --format json` prints, `plan --out` saves and `apply PLAN.json` demands back.
///
/// One format for all three, so that what was reviewed is what is run. It holds no secret. The schema is docs/plan.schema.json.
package struct PlanDocument: Hashable, Sendable, Codable {
    /// The format's name, so that a stray JSON file is told apart.
    package var format: String
    /// The format's version; other versions are refused.
    package var version: Int
    /// When the world was judged.
    package var madeAt: Instant
    /// When the plan may no longer be applied.
    package var expiresAt: Instant
    /// The commit of the manifests, where known.
    package var commit: String?
    /// What the comparison rests on.
    package var basis: Plan.Basis
    /// Counts over all zones.
    package var summary: PlanSummary
    /// Zones in order of their names.
    package var zones: [ZoneDocument]
    /// What concerns no single zone.
    package var findings: [Finding]
    /// Add-ons in use.
    package var addOns: [AddOnTotal]
    /// When certificates will be ordered under the issuer's budget.
    package var budget: BudgetForecast?

    /// One zone's part.
    package struct ZoneDocument: Hashable, Sendable, Codable {
        /// The mail domain.
        package var zone: DomainName
        /// Digest of the effective manifest.
        package var digest: String
        /// What the zone's look amounts to.
        package var verdict: ZonePlan.Verdict
        /// Steps in order.
        package var steps: [Step]
        /// Steps that run only where the plan is accepted; `nil` where there are none.
        package var withheld: [Step]?
        /// What is due but waits.
        package var holds: [Hold]
        /// What a person should know.
        package var findings: [Finding]
        /// When something falls due by itself.
        package var nextDue: Instant?
        /// What falls due then.
        package var renewal: DueRenewal?
    }

    /// The version that this program writes and reads.
    package static let currentVersion = 1
    /// How long a saved plan may be applied, in seconds.
    package static let lifetime = 86_400

    /// A plan as a document.
    package init(_ plan: Plan) {
        format = "certadns-plan"
        version = Self.currentVersion
        madeAt = plan.madeAt
        expiresAt = plan.madeAt + Self.lifetime
        commit = plan.commit
        basis = plan.basis
        summary = PlanSummary(plan)
        zones = plan.zones.map {
            ZoneDocument(
                zone: $0.zone, digest: $0.digest, verdict: $0.verdict, steps: $0.steps,
                withheld: $0.withheld.isEmpty ? nil : $0.withheld, holds: $0.holds, findings: $0.findings,
                nextDue: $0.renewal?.at, renewal: $0.renewal)
        }
        findings = plan.findings
        addOns = plan.addOns
        budget = plan.budget
    }

    /// The plan again.
    package var plan: Plan {
        Plan(
            madeAt: madeAt, commit: commit, basis: basis,
            zones: zones.map {
                ZonePlan(
                    zone: $0.zone, digest: $0.digest, verdict: $0.verdict, steps: $0.steps,
                    withheld: $0.withheld ?? [], holds: $0.holds, findings: $0.findings, renewal: $0.renewal)
            }, findings: findings, addOns: addOns, budget: budget)
    }
}

extension PlanDocument {
    /// Names this plan and no other: what `apply PLAN --accept` demands back.
    package var digest: String {
        let bytes = (try? encoded()) ?? []
        return String(Digest.hex(String(decoding: bytes, as: UTF8.self)).prefix(16))
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// The document's bytes, the same for the same plan.
    package func encoded() throws(PlanFileError) -> [UInt8] {
        do { return Array(try Self.encoder().encode(self)) + [10] } catch { throw .unreadable("\(error)") }
    }

    /// Reads a document, refusing what is no plan, of another version, or expired at `now`.
    package static func decode(_ bytes: [UInt8], now: Instant) throws(PlanFileError) -> PlanDocument {
        let document = try decode(bytes)
        if document.expiresAt < now { throw .expired(at: document.expiresAt) }
        return document
    }

    /// Reads a document of any age: for showing, not for applying.
    package static func decode(_ bytes: [UInt8]) throws(PlanFileError) -> PlanDocument {
        struct Header: Decodable {
            var format: String?
            var version: Int?
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let data = Data(bytes)
        guard let header = try? decoder.decode(Header.self, from: data), header.format == "certadns-plan" else {
            throw .notAPlan
        }
        guard header.version == currentVersion else { throw .otherVersion(header.version ?? 0) }
        do { return try decoder.decode(PlanDocument.self, from: data) } catch { throw .broken(error) }
    }
}

/// Why a saved plan can't be used.
package enum PlanFileError: Error, Hashable, Sendable {
    /// Not a plan at all.
    case notAPlan
    /// A plan of another format version.
    case otherVersion(Int)
    /// A plan past its expiry.
    case expired(at: Instant)
    /// Broken inside.
    case unreadable(String)
}

extension PlanFileError: CustomStringConvertible {
    /// What happened and what to do.
    package var description: String {
        switch self {
        case .notAPlan: "this is no saved plan; make one with 'certadns plan --out FILE'"
        case .otherVersion(let version):
            "the plan has format version \(version), this program reads \(PlanDocument.currentVersion); make it again"
        case .expired(let instant): "the plan expired at \(instant); plan again and review it"
        case .unreadable(let words): "the plan is broken: \(words); make it again"
        }
    }
}
