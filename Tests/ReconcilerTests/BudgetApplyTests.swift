import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// Applies under an issuer's budget: who goes, who waits, and that a CA is never asked in vain.
@Suite struct BudgetApplyTests {
    /// Issues as the host does, but orders as a CA with accounts.
    private final class Account: CertificateIssuer {
        let name = "local"
        private let host: MemoryHost
        private let state = Mutex<(asked: [DomainName], failures: [Failure])>(([], []))
        private let isForAll: Bool

        init(_ host: MemoryHost, failing: [Failure] = [], forAll: Bool = true) {
            self.host = host
            isForAll = forAll
            state.withLock { $0.failures = failing }
        }

        /// Whose orders reached the CA.
        var asked: [DomainName] { state.withLock(\.asked) }

        func issue(
            _ request: CertificateRequest, at desk: IssuanceDesk
        ) async throws(Failure) -> CertificateMaterial {
            try await desk.journal.beginning(request)
            let failure = state.withLock { state -> Failure? in
                state.asked += request.names
                return state.failures.isEmpty ? nil : state.failures.removeFirst()
            }
            if let failure {
                try await desk.journal.unplaced(failure, forAll: isForAll)
                throw failure
            }
            let order = OpenOrder(url: "u", issuer: name, names: request.names, since: request.now)
            try await desk.journal.began(order, key: Redacted("key"))
            return try await host.issue(request, at: desk)
        }
    }

    private func world(
        _ zones: [String], limits: BudgetLimits, failing: [Failure] = [], forAll: Bool = true
    ) -> (World, Account, [ZoneWish]) {
        var world = World()
        for zone in zones { world.mail(zone, ["mx.\(zone)"]) }
        let account = Account(world.host, failing: failing, forAll: forAll)
        world.issuer = account
        world.budget = BudgetRules(issuer: "local", limits: limits)
        return (world, account, zones.map { World.wish($0) })
    }

    @Test func `what waits for the budget is delivered to no web server, what somebody changed there is`() async throws
    {
        var (world, account, wishes) = world(
            ["a.test", "b.test"], limits: BudgetLimits(orders: .init(1, per: 200 * 86_400)))
        world.delivers = true
        await world.apply(all: wishes)
        #expect(account.asked.count == 1)
        for _ in 0..<2 {
            let outcomes = await world.apply(all: wishes)
            #expect(Set(outcomes.map(\.kind)) == [.nothingToDo, .held], "\(outcomes)")
        }
        let isFirst = try await world.ledger.ledger(of: wishes[0].zone).applied.certificate != nil
        let wish = wishes[isFirst ? 0 : 1]
        // Its renewal falls due, and there is no room for it either.
        world.ledger.advance(80 * 86_400)
        #expect(try await world.plan(wish).steps.isEmpty)
        try await world.host.takeBack(from: WellKnown.hostName(wish.zone))
        #expect(try await world.plan(wish).steps.map(\.resource) == [.delivery])
        await world.apply(wish)
        #expect(try await world.plan(wish).steps.isEmpty)
    }

    private static let zones = (0..<12).map { "z\($0).test" }

    @Test func `so many go as there is room for, the others are held without a request, and go in their time`()
        async throws
    {
        let (world, account, wishes) = world(Self.zones, limits: BudgetLimits(orders: .init(5, per: 1_000)))
        for (round, done) in [5, 10, 12].enumerated() {
            let planned = try await world.planner.plan(wishes, now: try await world.ledger.now())
            #expect(planned.budget?.now == min(5, 12 - round * 5))
            let outcomes = await world.apply(all: wishes)
            #expect(account.asked.count == done && Set(account.asked).count == done)
            #expect(outcomes.count { $0.kind == .held } == 12 - done)
            #expect(outcomes.allSatisfy { [.applied, .held, .nothingToDo].contains($0.kind) })
            for outcome in outcomes where outcome.kind == .held {
                #expect(outcome.detail.contains("the budget of 5 orders in 1000 s is used up"), "\(outcome)")
                #expect(outcome.detail.contains("2027-01-15"), "it says until when")
                let ledger = try await world.ledger.ledger(of: outcome.zone)
                #expect(ledger.intents.isEmpty && ledger.desired == nil && ledger.applied.mtaSTS.isEmpty)
            }
            // Asking again changes nothing.
            await world.apply(all: wishes)
            #expect(account.asked.count == done)
            world.ledger.advance(1_000)
        }
        let planned = try await world.planner.plan(wishes, now: try await world.ledger.now())
        #expect(planned.zones.allSatisfy { $0.verdict == .inSync && $0.holds.isEmpty } && planned.budget == nil)
    }

    @Test func `appliers side by side on one store never overrun it`() async throws {
        let (world, account, wishes) = world(Self.zones, limits: BudgetLimits(orders: .init(5, per: 1_000)))
        await withTaskGroup(of: Void.self) { group in
            for who in ["a", "b", "c"] { group.addTask { _ = await world.apply(all: wishes, who: who) } }
        }
        #expect(account.asked.count == 5)
    }

    @Test func `what ends first goes first`() async throws {
        let (fresh, _, wishes) = world(Self.zones, limits: .none)
        #expect(await fresh.apply(all: wishes).allSatisfy { $0.kind == .applied })
        var world = fresh
        // All are due, and one of them was issued before all others.
        world.ledger.advance(80 * 86_400)
        let account = Account(world.host)
        world.issuer = account
        world.budget = BudgetRules(issuer: "local", limits: BudgetLimits(orders: .init(1, per: 10)))
        world.mail("new.test", ["mx.new.test"])
        let all = [World.wish("new.test")] + wishes
        let groups = try await world.planner.inOrderOfNeed(all)
        #expect(groups.map(\.count) == [12, 1] && groups[1][0].zone == World.name("new.test"))
        let plan = try await world.planner.plan(all, now: try await world.ledger.now())
        #expect(plan.zones.first { $0.zone == World.name("new.test") }?.holds.first?.resource == .certificate)
        await world.apply(inTurn: groups)
        #expect(account.asked.count == 1 && account.asked != [World.name("mta-sts.new.test")])
    }

    @Test func `a renewal that found no room has the next place, before new zones that come first`() async throws {
        let (fresh, _, wishes) = world(["old.test"], limits: .none)
        #expect(await fresh.apply(all: wishes).map(\.kind) == [.applied])
        var world = fresh
        for zone in Self.zones { world.mail(zone, ["mx.\(zone)"]) }
        world.ledger.advance(70 * 86_400)
        let account = Account(world.host)
        world.issuer = account
        world.budget = BudgetRules(issuer: "local", limits: BudgetLimits(orders: .init(2, per: 1_000)))
        let new = Self.zones.map { World.wish($0) }
        #expect(await world.apply(all: new).count { $0.kind == .applied } == 2)
        #expect(await world.apply(all: wishes).map(\.kind) == [.held])
        world.ledger.advance(1_000)
        // The new zones are the first to ask again.
        #expect(await world.apply(all: new).count { $0.kind == .applied } == 1)
        #expect(await world.apply(all: wishes).map(\.kind) == [.applied])
        #expect(account.asked.count == 4)
    }

    @Test func `a CA that says enough to the account is asked once, and no more until it said`() async throws {
        let limited = Failure(.limited, retryAfter: 500, "the CA refused: rateLimited: too many new orders")
        let (world, account, wishes) = world(Self.zones, limits: .none, failing: [limited])
        await world.apply(all: [wishes[0]])
        let outcomes = await world.apply(all: wishes)
        #expect(account.asked.count == 1, "no retry storm")
        #expect(outcomes.allSatisfy { $0.kind == .held && $0.detail.contains("rateLimited") })
        let plan = try await world.planner.plan(wishes, now: try await world.ledger.now())
        #expect(plan.zones.allSatisfy { $0.certificateStep == nil })
        world.ledger.advance(500)
        #expect(await world.apply(all: wishes).allSatisfy { $0.kind == .applied })
    }

    @Test
    func `a CA that says enough but not how long is asked once a minute for all, and waited for as after any failure`()
        async throws
    {
        let limited = Failure(.limited, "the CA refused: rateLimited: too many new orders")
        let (world, account, wishes) = world(Self.zones, limits: .none, failing: [limited])
        #expect(await world.apply(all: [wishes[0]]).map(\.kind) == [.failed], "no wait that the CA asked for")
        let hold = try #require(try await world.ledger.ledger(of: wishes[0].zone).issuance.hold)
        #expect(hold.failures == 1)
        await world.apply(all: wishes)
        #expect(account.asked.count == 1, "no retry storm")
        world.ledger.advance(60)
        #expect(await world.apply(all: wishes).count { $0.kind == .applied } == 11)
    }

    @Test func `a limit that concerns one name holds that zone alone`() async throws {
        let limited = Failure(.limited, retryAfter: 500, "too many certificates for z0.test")
        let (world, account, wishes) = world(Self.zones, limits: .none, failing: [limited], forAll: false)
        await world.apply(all: [wishes[0]])
        #expect(await world.apply(all: wishes).count { $0.kind == .applied } == 11)
        #expect(account.asked.count == 12)
    }

    @Test func `an order that the CA refuses is given back to the budget`() async throws {
        let refused = Failure(.rejected, "rejectedIdentifier")
        let limits = BudgetLimits(orders: .init(1, per: 1_000))
        let (world, account, wishes) = world(["a.test", "b.test"], limits: limits, failing: [refused])
        #expect(await world.apply(all: [wishes[0]]).map(\.kind) == [.failed])
        #expect(await world.apply(all: [wishes[1]]).map(\.kind) == [.applied])
        #expect(account.asked.count == 2)
    }

    @Test func `what was reviewed as waiting waits, though there is room now`() async throws {
        let (world, account, wishes) = world(["a.test", "b.test"], limits: BudgetLimits(orders: .init(1, per: 1_000)))
        let plan = try await world.planner.plan(wishes, now: try await world.ledger.now())
        let reviewed = Dictionary(plan.zones.map { ($0.zone, $0) }) { first, _ in first }
        await world.apply(all: wishes, reviewed: reviewed)
        world.ledger.advance(1_000)
        let outcomes = await world.apply(all: wishes, reviewed: reviewed)
        #expect(outcomes.map(\.kind) == [.nothingToDo, .held] && account.asked.count == 1, "\(outcomes)")
    }

    @Test(arguments: [(89, 86_400), (80, 864_000), (61, 2_500_000)])
    func `a wait that no CA asked for is at most a tenth of what is left, an hour where there is none`(
        day: Int, left: Int
    ) async throws {
        let refused = [Failure](repeating: Failure(.rejected, "no"), count: 12)
        let (new, _, wishes) = world(["a.test"], limits: .none, failing: refused)
        var (longest, shortest) = (0, Int.max)
        for _ in 0..<8 {
            #expect(await new.apply(all: wishes).map(\.kind) == [.failed])
            let hold = try #require(try await new.ledger.ledger(of: World.name("a.test")).issuance.hold)
            let wait = hold.until - (try await new.ledger.now())
            longest = max(longest, wait)
            new.ledger.advance(wait)
        }
        #expect(longest == 3_600)
        let (fresh, _, again) = world(["a.test"], limits: .none)
        var renewed = fresh
        #expect(await renewed.apply(all: again).map(\.kind) == [.applied])
        renewed.issuer = Account(renewed.host, failing: refused)
        renewed.ledger.advance(day * 86_400)
        for _ in 0..<8 {
            let now = try await renewed.ledger.now()
            let ledger = try await renewed.ledger.ledger(of: World.name("a.test"))
            let rest = try #require(ledger.applied.certificate).notAfter - now
            guard rest > 0 else { break }
            #expect(rest <= left + 86_400)
            #expect(await renewed.apply(all: again).map(\.kind) == [.failed])
            let hold = try #require(try await renewed.ledger.ledger(of: World.name("a.test")).issuance.hold)
            #expect(hold.until - now <= rest / 10)
            shortest = min(shortest, hold.until - now)
            renewed.ledger.advance(hold.until - now)
        }
        #expect(shortest > 0)
    }

    @Test func `a zone that waits is not remembered as done`() async throws {
        let (world, _, wishes) = world(["a.test", "b.test"], limits: BudgetLimits(orders: .init(1, per: 1_000)))
        for _ in 0..<2 { await world.apply(all: wishes) }
        // Whichever came first has the order.
        let waiting = try await world.ledger.ledgers().filter { $0.applied.certificate == nil }
        let held = try #require(waiting.first)
        #expect(waiting.count == 1 && held.desired == nil && held.applied.mtaSTS.isEmpty)
        #expect(!held.applied.tlsRPT.isEmpty, "reports need no certificate")
    }
}
