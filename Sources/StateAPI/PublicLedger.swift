package import DNS
package import Planning
package import Ports

/// The part of a ledger that is no secret: what is wished for each zone, what was applied, and every policy with its times. All of it stands in
/// DNS or is served to anybody, but for when it came about.
package struct PublicLedger: Sendable, Codable {
    /// What the file says it is.
    package let format: String
    /// The form's version.
    package let version: Int
    /// As of when.
    package let madeAt: Instant
    /// One entry a zone, sorted by name; without what is under way with a CA.
    package let zones: [ZoneLedger]

    private static let format = "certadns-public-ledger"
    private static let version = 1

    /// The public part of these ledgers. Names of `certadns serve` itself stay out.
    package init(of ledgers: [ZoneLedger], at now: Instant) {
        format = Self.format
        version = Self.version
        madeAt = now
        zones = ledgers.filter { !CertificateOwner(key: $0.zone).isOwnName }.map { ledger in
            var shown = ledger
            shown.issuance = Issuance()
            return shown
        }
    }

    /// Its octets.
    package func encoded() throws(Failure) -> [UInt8] { try StateJSON.encode(self) + [0x0a] }

    /// What ``encoded()`` wrote.
    package static func decode(_ octets: [UInt8], from place: String) throws(Failure) -> PublicLedger {
        guard let ledger = StateJSON.decode(PublicLedger.self, octets), ledger.format == format else {
            throw Failure(
                .malformed, "'\(place)' is no public ledger; name what 'certadns state export --public' wrote")
        }
        guard ledger.version == version else {
            throw Failure(.malformed, "the public ledger '\(place)' was made by another CertaDNS; use its version")
        }
        return ledger
    }
}

/// A public ledger as plans read it: what it does not say is empty.
package struct PublicLedgerReader: LedgerReader, StoreClock, PolicyReader, CertificateReader, IssuanceBudgetReader,
    AccountReader
{
    private let zones: [DomainName: ZoneLedger]
    private let clock: @Sendable () -> Instant

    /// A reader by this machine's clock.
    package init(_ ledger: PublicLedger, clock: @escaping @Sendable () -> Instant) {
        zones = Dictionary(ledger.zones.map { ($0.zone, $0) }) { first, _ in first }
        self.clock = clock
    }

    package func now() async throws(Failure) -> Instant { clock() }
    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger {
        zones[zone] ?? ZoneLedger(zone: zone)
    }
    package func ledgers() async throws(Failure) -> [ZoneLedger] { zones.values.sorted { $0.zone < $1.zone } }
    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] { [] }
    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] { [] }
    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? { nil }
    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits { EndedWaits(zones: [], mark: 0) }
    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? { zones[zone]?.applied.policy }
    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        zones.values.first { CertificateOwner(key: $0.zone).host == host }?.applied.certificate
    }
    package func book(of issuer: String) async throws(Failure) -> IssuerBook { IssuerBook() }
    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? { nil }
    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? { nil }
    package func accountURL(of directory: String) async throws(Failure) -> String? { nil }
}

/// Answers the public ledger to anybody, beside other routes. One answer stands for a minute, so that askers cost the store nothing.
package actor PublicLedgerRoutes: WebRoutes {
    /// Where it is answered.
    package static let path = "/api/v1/ledger/public"

    private let others: any WebRoutes
    private let ledgers: any LedgerReader & StoreClock
    private var made: (at: Instant, answer: WebAnswer)?

    /// Seconds for which an answer stands.
    private static let standing: Int64 = 60

    /// The route over a store, in front of `others`.
    package init(_ others: any WebRoutes, ledgers: any LedgerReader & StoreClock) {
        self.others = others
        self.ledgers = ledgers
    }

    package nonisolated var bodyOctets: Int { others.bodyOctets }

    /// The ledger is one answer for all who ask at once.
    package nonisolated func octets(of head: WebHead) -> Int {
        head.path == Self.path ? StateVersion.answerOctets : others.octets(of: head)
    }

    package func admit(_ head: WebHead) async -> WebAdmission {
        guard head.path == Self.path, head.method == "GET" else { return await others.admit(head) }
        return .refused(await answer())
    }

    package nonisolated func answer(_ head: WebHead, as caller: String, body: [UInt8]) async -> WebAnswer {
        await others.answer(head, as: caller, body: body)
    }

    private func answer() async -> WebAnswer {
        do throws(Failure) {
            let now = try await ledgers.now()
            if let made, now.seconds - made.at.seconds < Self.standing, now >= made.at { return made.answer }
            let answer = WebAnswer(
                status: 200, body: try PublicLedger(of: try await ledgers.ledgers(), at: now).encoded())
            made = (now, answer)
            return answer
        } catch {
            return WebAnswer(status: 503, body: [])
        }
    }
}
