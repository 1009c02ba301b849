import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import StateAPI
import Testing

/// The part of a ledger that anybody may read.
@Suite struct PublicLedgerTests {
    private static let now = Instant(seconds: 1_800_000_000)

    /// A ledger with one zone that has a policy out and an order under way.
    private static func ledger() async throws -> MemoryLedger {
        let memory = MemoryLedger(now: now)
        let zone = try DomainName("example.com")
        let owner = LeaseOwner(who: "w", runner: "r", command: "c")
        let note = AuditNote(commit: nil, digest: nil, what: "w")
        let lease = try await memory.acquire(zone, by: owner, for: 60)
        let id = PolicyID.make(counter: 1, digest: [UInt8](repeating: 1, count: 8))
        let left = Publication(
            policy: PublishedBody(id: id, body: "body"), mtaSTS: Owned.mtaSTSRecord(of: zone, id: id, ttl: 300))
        for event in [
            LedgerEvent.outcome(step: "", resource: .policy, left: left),
            .outcome(step: "", resource: .mtaSTSRecord, left: left),
            .issuance(.ordered(OpenOrder(url: "https://ca.example/order/1", issuer: "ca", names: [zone], since: now))),
        ] { try await memory.record(event, under: lease, audit: note) }
        return memory
    }

    @Test func `what is read back is what a plan needs, and nothing of what is under way with a CA`() async throws {
        let memory = try await Self.ledger()
        let zone = try DomainName("example.com")
        let octets = try PublicLedger(of: try await memory.ledgers(), at: Self.now).encoded()
        #expect(!String(decoding: octets, as: UTF8.self).contains("ca.example"))
        let reader = PublicLedgerReader(try PublicLedger.decode(octets, from: "file"), clock: { Self.now })
        var known = try await memory.ledger(of: zone)
        known.issuance = Issuance()
        #expect(try await reader.ledger(of: zone) == known)
        #expect(try await reader.policy(for: zone)?.body == "body")
        #expect(try await reader.ledger(of: .root) == ZoneLedger(zone: .root))
        for broken in ["{}", "", "{\"format\":\"other\",\"version\":1}"] {
            #expect(throws: Failure.self) { try PublicLedger.decode(Array(broken.utf8), from: "file") }
        }
    }

    /// What stands behind the public route.
    private struct Closed: WebRoutes {
        func octets(of head: WebHead) -> Int { 0 }
        var bodyOctets: Int { 7 }
        func admit(_ head: WebHead) async -> WebAdmission { .refused(WebAnswer(status: 401, body: [])) }
        func answer(_ head: WebHead, as caller: String, body: [UInt8]) async -> WebAnswer {
            WebAnswer(status: 500, body: [])
        }
    }

    @Test func `the route answers anybody with what stood there a minute ago at most, and opens nothing else`()
        async throws
    {
        let memory = try await Self.ledger()
        let routes = PublicLedgerRoutes(Closed(), ledgers: memory)
        func get(_ path: String, _ method: String = "GET") async -> WebAnswer? {
            guard case .refused(let answer) = await routes.admit(WebHead(method: method, path: path)) else {
                return nil
            }
            return answer
        }
        let first = try #require(await get(PublicLedgerRoutes.path))
        #expect(first.status == 200)
        #expect(await get("/api/v2/state/read", "POST")?.status == 401)
        #expect(await get(PublicLedgerRoutes.path, "POST")?.status == 401)
        let lease = try await memory.acquire(
            try DomainName("other.example"), by: LeaseOwner(who: "w", runner: "r", command: "c"), for: 60)
        try await memory.record(
            .withdrawing, under: lease, audit: AuditNote(commit: nil, digest: nil, what: "w"))
        memory.advance(59)
        #expect(await get(PublicLedgerRoutes.path)?.body == first.body)
        memory.advance(1)
        let later = try #require(await get(PublicLedgerRoutes.path))
        #expect(try PublicLedger.decode(later.body, from: "serve").zones.count == 2)
    }
}
