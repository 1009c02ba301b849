import Ports
import Testing

@testable import ACME

/// Orders with CAs that are slow, stale or wrong: how often they are asked, and what becomes of the order.
@Suite struct OrderingTests {
    @Test func `a CA that took the request and still calls the order ready is waited for, not asked in a loop`()
        async throws
    {
        let ca = ScriptedCA([.newOrder: [.order("ready")], .finalize: [.order("ready")], .order: [.order("ready")]])
        let zone = OrderingZone()
        let failure = try #require(try await zone.order(from: ca))
        #expect(failure.kind == .unfinished)
        #expect(ca.count(.finalize) == 1)
        #expect((10...60).contains(ca.count(.order)))
        #expect((180_000...200_000).contains(zone.waited.reduce(0, +)), "no longer than it has patience for")
        #expect(zone.isOpen, "the next run goes on")
    }

    @Test func `a request that a stale server of the CA refuses is made again, ever more seldom`() async throws {
        let refused = ScriptedCA.Answer.problem("orderNotReady", status: 403)
        let ca = ScriptedCA([.newOrder: [.order("ready")], .finalize: [refused], .order: [.order("ready")]])
        let zone = OrderingZone()
        #expect(try await zone.order(from: ca)?.kind == .unfinished)
        #expect((2...8).contains(ca.count(.finalize)))
        #expect((180_000...200_000).contains(zone.waited.reduce(0, +)))
        let passing = ScriptedCA([
            .newOrder: [.order("ready")], .finalize: [refused, .order("valid")], .order: [.order("ready")],
        ])
        _ = try await OrderingZone().order(from: passing)
        #expect(passing.count(.finalize) == 2)
        #expect(passing.count(.certificate) == 1)
    }

    @Test func `an authorization that was seen valid is not proven again because a stale server calls it pending`()
        async throws
    {
        let ca = ScriptedCA([
            .authorization: [.authorization("pending"), .authorization("valid"), .authorization("pending")]
        ])
        let zone = OrderingZone()
        #expect(try await zone.order(from: ca)?.kind == .unfinished)
        #expect(zone.presented == 1)
    }

    @Test func `an order outlives a name server that takes no proof, and ends with the CA's verdict alone`()
        async throws
    {
        let ca = ScriptedCA([.authorization: [.authorization("pending")]])
        let zone = OrderingZone()
        zone.refuse(publishing: Failure(.rejected, retryable: true, "SERVFAIL"), withdrawing: nil)
        for _ in 0..<6 { #expect(try await zone.order(from: ca)?.detail == "SERVFAIL") }
        #expect(ca.count(.newOrder) == 1)
        #expect(zone.abandoned == 0)
        #expect(ca.count(.challenge) == 0)
        zone.refuse()
        let refusing = ScriptedCA([
            .authorization: [.authorization("pending"), .authorization("invalid", error: "no such record")]
        ])
        #expect(try await zone.order(from: refusing)?.kind == .rejected)
        #expect(refusing.count(.newOrder) == 0, "it went on with the order that was open")
        #expect(zone.abandoned == 1)
    }

    @Test(
        arguments: [
            ["authorization": .authorization("pending", offering: "tls-alpn-01")],
            ["challenge": .problem("unauthorized", status: 403)],
            ["newOrder": .order("invalid")],
            ["order": .order("invalid"), "authorization": .authorization("valid")],
        ] as [[String: ScriptedCA.Answer]])
    func `whatever ends an order is a refusal, which waits before there is another order`(
        script: [String: ScriptedCA.Answer]
    ) async throws {
        let answers = script.compactMap { name, answer in ScriptedCA.Kind(rawValue: name).map { ($0, [answer]) } }
        let ca = ScriptedCA(Dictionary(answers) { first, _ in first })
        let zone = OrderingZone()
        #expect(try await zone.order(from: ca)?.kind == .rejected)
        #expect(zone.abandoned == 1 && !zone.isOpen)
    }

    @Test func `an order whose certificate is of no use is given up, else every run would fetch it again`() async throws
    {
        let ca = ScriptedCA([
            .newOrder: [.order("valid")], .certificate: [ScriptedCA.Answer(body: RenewalTests.example)],
        ])
        let zone = OrderingZone()
        let failure = try #require(try await zone.order(from: ca))
        #expect(failure.detail.contains("not the one that was ordered") && failure.kind == .rejected)
        #expect(zone.abandoned == 1 && !zone.isOpen)
        let cut = ScriptedCA([.newOrder: [.order("valid")], .certificate: [.problem("serverInternal", status: 500)]])
        #expect(try await zone.order(from: cut)?.retryable == true)
        #expect(zone.isOpen, "what was not fetched may be yet")
    }

    @Test func `a CA that asks to be left alone is not asked before, in this run or by the next`() async throws {
        let ca = ScriptedCA([.newOrder: [.order("processing")], .order: [.order("processing", retryAfter: 170)]])
        let zone = OrderingZone()
        let failure = try #require(try await zone.order(from: ca))
        #expect(failure.kind == .limited && failure.retryAfter == 170 && !failure.retryable)
        #expect(zone.isOpen && ca.count(.order) <= 2)
        let looking = ScriptedCA([
            .order: [.order("pending")],
            .authorization: [.authorization("pending"), .authorization("pending", retryAfter: 900)],
        ])
        #expect(try await zone.order(from: looking)?.retryAfter == 900)
        #expect(zone.abandoned == 0)
    }

    @Test func `a proof that can't be taken away ends no order that the CA has confirmed`() async throws {
        let script: [ScriptedCA.Kind: [ScriptedCA.Answer]] = [
            .authorization: [.authorization("pending"), .authorization("valid")], .order: [.order("ready")],
            .finalize: [.order("valid")],
        ]
        let ca = ScriptedCA(script)
        let zone = OrderingZone()
        zone.refuse(withdrawing: Failure(.rejected, retryable: true, "REFUSED"))
        #expect(try await zone.order(from: ca)?.detail != "REFUSED")
        #expect(ca.count(.certificate) == 1)
        let other = OrderingZone()
        other.refuse(withdrawing: Failure(.conflict, "the lease was taken over"))
        #expect(try await other.order(from: ScriptedCA(script))?.detail == "the lease was taken over")
    }
}
